import Kernels
import Testing

@Test func `Two errors of the same cause are equal`() {
    #expect(KernelError.invalid("axis") == KernelError.invalid("axis"))
}
