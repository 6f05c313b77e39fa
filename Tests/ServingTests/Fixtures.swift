import Batching
import Foundation
import Logging
import PMML
import Telemetry
import Tensors

@testable import Serving

/// A folder for one test, and services on it.
final class Workplace: Sendable {
    let path = NSTemporaryDirectory() + "augur-serving-" + UUID().uuidString
    let metrics = Metrics()

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A service on the folder's data; the one before must be gone.
    func service(
        awaitsOther: Bool = true, _ change: (inout ServingConfiguration) -> Void = { _ in }
    ) throws -> ModelService {
        var configuration = ServingConfiguration(
            dataDirectory: "\(path)/data", bundledDirectory: "\(path)/models")
        configuration.threads = 2
        change(&configuration)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        // The service before may still be bringing kept versions up, and lets go of the folder when it is
        // done.
        for _ in 0..<1000 {
            do throws(ServingError) {
                return try ModelService(configuration: configuration, metrics: metrics, logger: logger)
            } catch {
                guard awaitsOther, case .dataDirectoryInUse = error else { throw error }
                usleep(5000)
            }
        }
        throw ServingError.dataDirectoryInUse(path)
    }

    func write(_ bytes: [UInt8], to file: String) throws {
        let url = URL(fileURLWithPath: "\(path)/\(file)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    /// Everything below a folder, sorted.
    func contents(_ folder: String) -> [String] {
        let found = FileManager.default.enumerator(atPath: "\(path)/\(folder)")?.compactMap { $0 as? String }
        return (found ?? []).sorted()
    }

    var metricsText: String { String(decoding: metrics.prometheusText(), as: UTF8.self) }
}

extension ModelService {
    @discardableResult
    func deploy(
        _ name: String, _ bytes: [UInt8], yaml: String? = nil
    ) throws(ServingError) -> Deployed {
        var deployment = Deployment(model: name, artifact: .bytes(bytes))
        deployment.configuration = yaml.map { Array($0.utf8) }
        return try deploy(deployment)
    }
}

extension ModelVersion {
    /// One row of `x` through a tiny network's threads.
    func answer(_ x: [Float], on lane: LoopLane? = nil) -> Result<NetworkAnswer, NetworkFailure>? {
        guard case .network(let servable) = kind, let tensor = try? Tensor(shape: [1, x.count], floats: x)
        else {
            return nil
        }
        let box = Monitor<Result<NetworkAnswer, NetworkFailure>?>(nil)
        let submission = servable.submit([.tensors(["x": tensor])], on: lane) { answers, _ in
            box.withLock {
                $0 = answers.first
            } thenWake: { _ in
                .all
            }
        }
        guard case .accepted = submission else { return nil }
        return box.wait { answer in answer.map { .done($0) } ?? .sleep(until: nil) }
    }

    /// The same, as plain numbers: the labels' probabilities, or the first output.
    func numbers(_ x: [Float]) -> [Float]? {
        switch answer(x) {
        case .success(.classification(let classification)): classification.probabilities
        case .success(.outputs(let outputs)): outputs.first?.value.tensor?.floats()
        case .failure, nil: nil
        }
    }

    /// What a tiny tree says about `x`.
    func label(_ x: Double) -> String? {
        guard case .evaluator(let servable) = kind, let slot = servable.evaluator.slot(of: "x") else {
            return nil
        }
        var row = Row(count: servable.evaluator.slotCount)
        row.values[slot] = .number(x)
        let box = Monitor<[Result<Results, EvaluationError>]>([])
        _ = servable.submit([row], on: nil) { results, _ in
            box.withLock {
                $0 = results
            } thenWake: { _ in
                .all
            }
        }
        let results = box.wait { $0.isEmpty ? .sleep(until: nil) : .done($0) }
        guard case .success(let found)? = results.first, case .text(let label)? = found["y"] else {
            return nil
        }
        return label
    }
}
