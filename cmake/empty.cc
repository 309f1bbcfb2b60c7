// What the target that owns the precompiled headers is made of.
