#pragma once
// Names of before there was one reader of anchors.

#include "store/anchor_reader.h"

namespace tlswhy::store {

using TrustStore = AnchorSet;
using StoreReader = AnchorReader;

}  // namespace tlswhy::store
