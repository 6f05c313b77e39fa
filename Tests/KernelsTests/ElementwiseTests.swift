import Kernels
import Tensors
import Testing

@Test(arguments: [
    ("Relu", [-1, 0, 2], [0, 0, 2]), ("Sigmoid", [0, 100, -100], [0.5, 1, 0]),
    ("Tanh", [0, 20, -20], [0, 1, -1]),
    ("Erf", [0, 3, -3], [0, 0.99997791, -0.99997791]), ("Gelu", [0, 1, -1], [0, 0.84134475, -0.15865525]),
    ("HardSwish", [-4, 0, 4], [0, 0, 4]), ("Softplus", [0, 100, -100], [0.6931472, 100, 0]),
    ("Round", [0.5, 1.5, -2.5], [0, 2, -2]), ("Neg", [1, -2, 0], [-1, 2, 0]),
    ("Abs", [1, -2, 0], [1, 2, 0]),
    ("Sign", [3, -2, 0], [1, -1, 0]), ("Reciprocal", [2, -4, 1], [0.5, -0.25, 1]),
    ("Mish", [0, 20, -20], [0, 20, 0]), ("Elu", [0, 1, -100], [0, 1, -1]),
])
func `A function of one input gives its known values`(name: String, x: [Float], expected: [Float]) throws {
    let result = try evaluate(name, [floats([3], x)])[0].floats()
    expectClose(result, expected, 1e-6, name)
}

@Test func `Operands broadcast along every axis that is 1 or missing`() throws {
    let sum = try evaluate("Add", [floats([2, 1, 2], [0, 1, 10, 11]), floats([3, 1], [100, 200, 300])])[0]
    #expect(sum.shape == [2, 3, 2])
    #expect(sum.floats() == [100, 101, 200, 201, 300, 301, 110, 111, 210, 211, 310, 311])
}

@Test func `Shapes that do not broadcast are refused`() throws {
    #expect(throws: KernelError.self) {
        try evaluate("Add", [floats([2], [1, 2]), floats([3], [1, 2, 3])])
    }
}

@Test func `Integer arithmetic wraps and divides by zero to zero`() throws {
    let a = try Tensor(shape: [3], elements: [Int8](arrayLiteral: 127, -128, 5))
    let b = try Tensor(shape: [3], elements: [Int8](arrayLiteral: 1, -1, 0))
    #expect(try evaluate("Add", [a, b])[0].converted(to: Int64.self) == [-128, 127, 5])
    #expect(try evaluate("Div", [a, b])[0].converted(to: Int64.self) == [127, -128, 0])
}

@Test(arguments: [(false, [1, 2, 0]), (true, [-2, 2, 0])])
func `Mod takes the sign of the divisor, fmod that of the dividend`(isC: Bool, expected: [Float]) throws {
    let result = try evaluate(
        "Mod", [floats([3], [-2, 5, 6]), floats([3], [3, 3, 3])], ["fmod": .integer(isC ? 1 : 0)])[0]
    #expect(result.floats() == expected)
}

@Test func `Where chooses strings as well as numbers`() throws {
    let condition = try Tensor(shape: [2], elements: [BoolByte(true), BoolByte(false)])
    let result = try evaluate(
        "Where",
        [condition, Tensor(shape: [2], strings: ["a", "b"]), Tensor(shape: [1], strings: ["z"])])[0]
    #expect(result.strings == ["a", "z"])
}

@Test func `A half is computed in 32 bits and rounded once`() throws {
    let x = try floats([2], [0.1, 3]).cast(to: .float16)
    let result = try evaluate("Exp", [x])[0]
    #expect(result.elementType == .float16)
    #expect(abs(result.floats()[1] - 20.0855) < 0.01)
}

@Test func `Numbers cast to strings and back`() throws {
    let text = try evaluate("Cast", [floats([3], [1.5, -2, .infinity])], ["to": .integer(8)])[0]
    #expect(text.elementType == .string)
    #expect(try evaluate("Cast", [text], ["to": .integer(1)])[0].floats() == [1.5, -2, .infinity])
}
