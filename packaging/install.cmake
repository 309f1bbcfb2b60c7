install(TARGETS tlswhy scriptengine)
