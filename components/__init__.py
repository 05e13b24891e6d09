"""The parts of Strangler: pure modules that read and decide, components that wire."""
