import Batching
import Foundation
import Synchronization
import Tensors
import Testing

@testable import Serving

@Suite struct SwapTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    @Test func `While versions are swapped every answer is one version's own`() throws {
        let service = try place.service()
        try service.deploy("tiny", TinyNetwork.file(weight: 1))
        let stop = Atomic<Bool>(false)
        let wrong = Mutex<[String]>([])
        let count = Atomic<Int>(0)
        let outcomes = inParallel(4) { index -> Int? in
            if index == 0 {
                for number in 2...20 {
                    _ = try? service.deploy("tiny", TinyNetwork.file(weight: Float(number)))
                    // So that every version is asked, however busy the machine is.
                    let seen = count.load(ordering: .relaxed)
                    for _ in 0..<5000 where count.load(ordering: .relaxed) < seen + 2 { usleep(1000) }
                }
                stop.store(true, ordering: .relaxed)
                return nil
            }
            while !stop.load(ordering: .relaxed) {
                guard let version = service.pin("tiny"), let numbers = version.numbers([1, 0]) else {
                    wrong.withLock { $0.append("no answer") }
                    continue
                }
                let weight = Float(version.number)
                if numbers != [2 * weight, weight, weight] { wrong.withLock { $0.append("\(numbers)") } }
                count.add(1, ordering: .relaxed)
            }
            return nil
        }
        #expect(outcomes.count == 4)
        #expect(wrong.withLock { $0 }.isEmpty)
        #expect(count.load(ordering: .relaxed) > 20)
        #expect(service.pin("tiny")?.number == 20)
    }

    @Test func `Rows of several requests are one batch, each answered with its own rows`() throws {
        let service = try place.service { $0.loopCostMax = .max }
        let version = try service.deploy("tiny", TinyNetwork.file()).version
        let rounds = Mutex<[@Sendable () -> Void]>([])
        let lane = LoopLane(index: 0) { work in rounds.withLock { $0.append(work) } }
        guard case .network(let network) = version.kind else { return }
        let answers = Mutex<[Int: [Float]]>([:])
        let sizes = Mutex<[Int]>([])
        for request in 1...3 {
            let rows = (0..<2).map { row in input("x", [Float(request), Float(row)]) }
            _ = network.submit(rows, on: lane) { results, timing in
                let numbers = results.compactMap { try? $0.get() }.flatMap(firstOutput)
                answers.withLock { $0[request] = numbers }
                sizes.withLock { $0.append(timing.batchRows) }
            }
        }
        for work in rounds.withLock({ $0 }) { work() }
        #expect(sizes.withLock { $0 } == [6, 6, 6])
        for request in 1...3 {
            let x = Float(request)
            #expect(answers.withLock { $0[request] } == [2 * x, x, x, 2 * x + 2, x + 1, x + 1])
        }
    }

    @Test func `A row that does not fit fails alone`() throws {
        let service = try place.service { $0.loopCostMax = .max }
        let version = try service.deploy("tiny", TinyNetwork.file()).version
        let rounds = Mutex<[@Sendable () -> Void]>([])
        let lane = LoopLane(index: 0) { work in rounds.withLock { $0.append(work) } }
        guard case .network(let network) = version.kind else { return }
        let good = Mutex<[Bool]>([])
        let rows: [NetworkInput] = [
            input("x", [1, 2]), input("x", [1, 2, 3]), input("z", [1, 2]),
            .tensors([:]), input("x", [3, 4]),
        ]
        _ = network.submit(rows, on: lane) { results, _ in
            good.withLock { $0 = results.map { (try? $0.get()) != nil } }
        }
        for work in rounds.withLock({ $0 }) { work() }
        #expect(good.withLock { $0 } == [true, false, false, false, true])
    }

    @Test func `A network that cannot be batched computes its rows one by one`() throws {
        let service = try place.service()
        let version = try service.deploy("tiny", TinyNetwork.file(batch: nil)).version
        #expect(version.numbers([1, 2]) == [6, 3, 3])
    }

    @Test func `An image for a network without a recipe is that row's failure`() throws {
        let service = try place.service()
        let version = try service.deploy("tiny", TinyNetwork.file()).version
        guard case .network(let network) = version.kind else { return }
        let box = Monitor<String?>(nil)
        _ = network.submit([.image([1, 2, 3])], on: nil) { results, _ in
            box.withLock {
                $0 = "\(results)"
            } thenWake: { _ in
                .all
            }
        }
        let text = box.wait { text in text.map { .done($0) } ?? .sleep(until: nil) }
        #expect(text.contains("takesNoImages"))
    }

    @Test func `A version is freed on the reaper's thread, after its last request`() throws {
        let service = try place.service { $0.retainedMax = 1 }
        try service.deploy("tiny", TinyNetwork.file())
        weak let first = service.pin("tiny")
        #expect(first != nil)
        try service.deploy("tiny", TinyNetwork.file(weight: 2))
        // It may still be looked at for measuring, which ends when it serves no more.
        for _ in 0..<10_000 where first != nil { usleep(1000) }
        #expect(first == nil)
    }
}

private func input(_ name: String, _ numbers: [Float]) -> NetworkInput {
    let tensor = try? Tensor(shape: [1, numbers.count], floats: numbers)
    return .tensors(tensor.map { [name: $0] } ?? [:])
}

private func firstOutput(_ answer: NetworkAnswer) -> [Float] {
    switch answer {
    case .classification(let classification): classification.probabilities
    case .outputs(let outputs): outputs.first?.value.tensor?.floats() ?? []
    }
}

/// Runs `body` on that many threads of their own at once; what each returned, by index.
func inParallel<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> Value?) -> [Value?] {
    let group = DispatchGroup()
    let shared = Results<Value>(count: count)
    for index in 0..<count {
        group.enter()
        Thread.detachNewThread {
            let value = body(index)
            shared.values.withLock { $0[index] = value }
            group.leave()
        }
    }
    group.wait()
    return shared.values.withLock { $0 }
}

/// What the threads of `inParallel` share.
private final class Results<Value: Sendable>: Sendable {
    let values: Mutex<[Value?]>

    init(count: Int) { values = Mutex(Array(repeating: nil, count: count)) }
}
