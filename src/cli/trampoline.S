/* What scripts/late-functions.py's list is made of: `late INDEX, NAME, SONAME` for each function, then `late_end`.
   A function's first call saves the argument registers of the psABI, asks tlswhy_late_function for the real one, and goes on
   there; later ones only jump. */

.macro late index, name, soname
  .pushsection .rodata.late, "aMS", %progbits, 1
.Lname\index: .asciz "\name"
.Lsoname\index: .asciz "\soname"
  .popsection
  .pushsection .data.rel.late, "aw", %progbits
  .quad .Lname\index, .Lsoname\index
  .popsection
  .pushsection .data.late, "aw", %progbits
.Lslot\index: .quad .Lfirst\index
  .popsection
  .globl \name
  .hidden \name
  .type \name, %function
\name:
  late_jumps \index
  .size \name, .-\name
.endm

.pushsection .data.rel.late, "aw", %progbits
.balign 8
.globl tlswhy_late_names
.hidden tlswhy_late_names
tlswhy_late_names:
.popsection
.pushsection .data.late, "aw", %progbits
.balign 8
.globl tlswhy_late_slots
.hidden tlswhy_late_slots
tlswhy_late_slots:
.popsection

.text

#if defined(__x86_64__)

.macro late_jumps index
  endbr64
  jmp *.Lslot\index(%rip)
.Lfirst\index:
  endbr64
  push $\index
  jmp .Lresolve
.endm

.macro late_end
.Lresolve:  /* on the stack: the index, the caller's return address */
  push %rax /* al: vector registers of a variadic call */
  push %rdi
  push %rsi
  push %rdx
  push %rcx
  push %r8
  push %r9
  sub $136, %rsp
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7
  movups %xmm\n, 16*\n(%rsp)
  .endr
  mov 192(%rsp), %rdi
  call tlswhy_late_function
  mov %rax, %r11
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7
  movups 16*\n(%rsp), %xmm\n
  .endr
  add $136, %rsp
  pop %r9
  pop %r8
  pop %rcx
  pop %rdx
  pop %rsi
  pop %rdi
  pop %rax
  add $8, %rsp
  jmp *%r11
.endm

#elif defined(__aarch64__)

.macro late_jumps index
  hint #34 /* bti c */
  adrp x16, .Lslot\index
  ldr x16, [x16, :lo12:.Lslot\index]
  br x16
.Lfirst\index:
  hint #36 /* bti j */
  mov x17, #\index
  b .Lresolve
.endm

.macro late_end
.Lresolve:
  stp x29, x30, [sp, #-224]!
  mov x29, sp
  stp x0, x1, [sp, #16]
  stp x2, x3, [sp, #32]
  stp x4, x5, [sp, #48]
  stp x6, x7, [sp, #64]
  str x8, [sp, #80]
  stp q0, q1, [sp, #96]
  stp q2, q3, [sp, #128]
  stp q4, q5, [sp, #160]
  stp q6, q7, [sp, #192]
  mov x0, x17
  bl tlswhy_late_function
  mov x16, x0
  ldp x0, x1, [sp, #16]
  ldp x2, x3, [sp, #32]
  ldp x4, x5, [sp, #48]
  ldp x6, x7, [sp, #64]
  ldr x8, [sp, #80]
  ldp q0, q1, [sp, #96]
  ldp q2, q3, [sp, #128]
  ldp q4, q5, [sp, #160]
  ldp q6, q7, [sp, #192]
  ldp x29, x30, [sp], #224
  br x16
.endm

#else
#error "no trampolines for this architecture"
#endif

#ifdef __CET__
#include <cet.h> /* says that this file goes with control-flow protection */
#endif
.section .note.GNU-stack, "", %progbits
.text
