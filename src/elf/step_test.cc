#include "elf/step.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace tlswhy::elf {
namespace {

Step of(std::vector<std::uint8_t> code) { return decode_step(code); }

TEST(Step, KnowsTheStartOfFunctions) {
  EXPECT_EQ(of({0xf3, 0x0f, 0x1e, 0xfa}).kind, Step::Kind::kSkip);  // endbr64
  const Step push = of({0x41, 0x55});                               // push r13
  EXPECT_EQ(push.kind, Step::Kind::kPush);
  EXPECT_EQ(push.to, X86Register::kR13);
  EXPECT_EQ(push.size, 2);
  const Step sub = of({0x48, 0x83, 0xec, 0x08});  // sub rsp, 8
  EXPECT_EQ(sub.kind, Step::Kind::kSubtract);
  EXPECT_EQ(sub.to, X86Register::kRsp);
  EXPECT_EQ(sub.immediate, 8);
  const Step load = of({0x48, 0x8b, 0x0d, 0xe9, 0xdb, 0x0c, 0x00});  // mov rcx, [rip + 0xcdbe9]
  EXPECT_EQ(load.kind, Step::Kind::kLoad);
  EXPECT_EQ(load.immediate, 0xcdbe9);
}

TEST(Step, KnowsWhatStandsBehindCalls) {
  const Step move = of({0x89, 0xc3});  // mov ebx, eax
  EXPECT_EQ(move.kind, Step::Kind::kMove);
  EXPECT_FALSE(move.wide);
  EXPECT_EQ(of({0x85, 0xc0}).kind, Step::Kind::kTest);  // test eax, eax
  EXPECT_EQ(of({0x31, 0xd2}).kind, Step::Kind::kXor);   // xor edx, edx
}

TEST(Step, KnowsMemoryAndJumps) {
  const Step store = of({0x89, 0xb7, 0x78, 0x01, 0x00, 0x00});  // mov [rdi + 0x178], esi
  EXPECT_EQ(store.kind, Step::Kind::kStore);
  EXPECT_EQ(std::tuple(store.base, store.from, store.immediate, store.wide), std::tuple(X86Register::kRdi, X86Register::kRsi, 0x178, false));
  const Step load = of({0x4c, 0x8b, 0x44, 0x24, 0x20});  // mov r8, [rsp + 0x20]
  EXPECT_EQ(load.kind, Step::Kind::kLoad);
  EXPECT_EQ(std::tuple(load.base, load.to, load.immediate, load.wide), std::tuple(X86Register::kRsp, X86Register::kR8, 0x20, true));
  const Step number = of({0x83, 0xce, 0x04});  // or esi, 4
  EXPECT_EQ(std::tuple(number.kind, number.from, number.immediate), std::tuple(Step::Kind::kOr, X86Register::kNone, 4));
  const Step jump = of({0xeb, 0x10});  // jmp +0x10
  EXPECT_EQ(std::tuple(jump.kind, jump.size, jump.immediate), std::tuple(Step::Kind::kJump, 2, 0x10));
  EXPECT_EQ(of({0x48, 0x83, 0xc4, 0x18}).kind, Step::Kind::kAdd);  // add rsp, 0x18
}

TEST(Step, LeavesTheRestToTheProcessor) {
  for (const auto& code : std::vector<std::vector<std::uint8_t>>{{0xe8, 0, 0, 0, 0},                             // call
                                                                 {0x8b, 0x44, 0x8c, 0x18},                       // mov eax, [rsp+4*rcx+0x18]
                                                                 {0x48, 0x83, 0xc0, 0x01},                       // add rax, 1: flags
                                                                 {0xff, 0xe0},                                   // jmp rax
                                                                 {0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0},  // mov rax, fs:0x28
                                                                 {0x66, 0x89, 0x07},                             // mov [rdi], ax
                                                                 {0x66, 0x50},                                   // push ax
                                                                 {0xff},
                                                                 {}})
    EXPECT_EQ(of(code).kind, Step::Kind::kUnknown);
}

}  // namespace
}  // namespace tlswhy::elf
