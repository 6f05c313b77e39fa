// The first part of this module lands here.
