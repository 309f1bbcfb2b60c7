#pragma once
// How this process keeps its memory.

namespace tlswhy::base {

// Before stores and libraries are read by several threads: freed memory is kept for what is read next, and all threads share one heap.
// Each page that goes back and comes again costs a fault, and each change of a heap's size halts all threads.
void keep_memory();

}  // namespace tlswhy::base
