// simdjson's own header is C++: only CSimdjson includes it.
