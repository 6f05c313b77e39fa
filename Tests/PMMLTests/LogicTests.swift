import Testing

@testable import PMML

private let truths: [Truth] = [.yes, .no, .unknown]

/// A predicate with the given truth: unknown is a comparison of a missing field.
private func predicate(_ truth: Truth) -> Predicate {
    switch truth {
    case .yes: .always
    case .no: .never
    case .unknown: .simple(slot: 0, .equal, Operand("1"))
    }
}

private func evaluate(_ predicate: Predicate) throws -> Truth {
    let program = Program(definitions: [.given], orders: [], outcomeCount: 0)
    return try predicate.evaluate(Frame(program: program))
}

/// Every list of `count` truths.
private func lists(_ count: Int) -> [[Truth]] {
    (0..<count).reduce([[]]) { lists, _ in lists.flatMap { list in truths.map { list + [$0] } } }
}

@Suite struct `Three-valued logic` {
    @Test(arguments: lists(2) + lists(3))
    func `and is no where one is no, else unknown where one is unknown`(parts: [Truth]) throws {
        let expected: Truth = parts.contains(.no) ? .no : parts.contains(.unknown) ? .unknown : .yes
        #expect(try evaluate(.and(parts.map(predicate))) == expected)
    }

    @Test(arguments: lists(2) + lists(3))
    func `or is yes where one is yes, else unknown where one is unknown`(parts: [Truth]) throws {
        let expected: Truth = parts.contains(.yes) ? .yes : parts.contains(.unknown) ? .unknown : .no
        #expect(try evaluate(.or(parts.map(predicate))) == expected)
    }

    @Test(arguments: lists(2) + lists(3))
    func `xor is unknown where one is unknown, else yes for an odd number of yes`(parts: [Truth]) throws {
        let isOdd = parts.filter { $0 == .yes }.count % 2 == 1
        let expected: Truth = parts.contains(.unknown) ? .unknown : isOdd ? .yes : .no
        #expect(try evaluate(.xor(parts.map(predicate))) == expected)
    }

    @Test(arguments: lists(2) + lists(3))
    func `surrogate is the first that is known`(parts: [Truth]) throws {
        #expect(try evaluate(.surrogate(parts.map(predicate))) == parts.first { $0 != .unknown } ?? .unknown)
    }

    @Test(arguments: [true, false])
    func `Tests of presence know the answer for a missing field`(expected: Bool) throws {
        #expect(try evaluate(.isMissing(slot: 0, expected: expected)) == (expected ? .yes : .no))
    }
}
