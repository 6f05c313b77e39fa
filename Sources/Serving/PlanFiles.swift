import Registry
import Synchronization

/// The measured plans of networks (`Network.measuredPlan`), kept from start to start.
///
///     DATA/.plans/SHA256     one small text for each model file; it names the processor it was measured on
///
/// They save time and nothing else: one that is missing, damaged or of another processor is measured again,
/// and one that cannot be written is no failure.
struct PlanFiles: Sendable {
    let directory: String
    let disk: Disk
    /// The oldest go first.
    static let countMax = 256
    private static let bytesMax = 1 << 20

    /// What was kept for the model file with this SHA-256.
    func text(for sha256: String) -> String? {
        guard let bytes = try? disk.read("\(directory)/\(sha256)", bytesMax: Self.bytesMax) else {
            return nil
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Keeps the plan of the model file with this SHA-256.
    func keep(_ text: String, for sha256: String) {
        let path = "\(directory)/\(sha256)"
        // Two deployments of one file may keep its plan at once.
        let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
        let draft = "\(path).\(number).tmp"
        try? disk.makeDirectory(directory)
        if disk.size(of: path) == nil { removeOldest() }
        do {
            try disk.write(Array(text.utf8), to: draft)
            try disk.rename(draft, to: path)
        } catch {
            try? disk.remove(draft)
        }
    }

    private static let count = Atomic<Int>(0)

    private func removeOldest() {
        let names = (try? disk.names(in: directory)) ?? []
        let surplus = names.count - Self.countMax + 1
        guard surplus > 0 else { return }
        let byAge = names.sorted { disk.written("\(directory)/\($0)") < disk.written("\(directory)/\($1)") }
        for name in byAge.prefix(surplus) { try? disk.remove("\(directory)/\(name)") }
    }
}

/// A measured plan that a network can be loaded with.
struct KnownPlan: Sendable {
    let text: String
    /// Whether another file was measured.
    let isInherited: Bool
}

extension ModelService {
    /// Loads a model and warms it up by the plan that is known for it.
    /// - Parameter seconds: that may be spent on measuring, unless its file was measured before.
    /// - Returns: the model, and whether its file was.
    func warmed(
        _ source: ModelSource, replacing name: String, measuring seconds: Double
    ) throws(ServingError) -> (model: Warm<LoadedModel>, isMeasured: Bool) {
        let plan = knownPlan(of: source, replacing: name)
        let model = try LoadedModel.load(source, plan: plan)
        // A plan of another processor, or a damaged one, is none.
        let isMeasured = plan?.isInherited == false && model.network?.measuredPlan != nil
        let allowed = isMeasured ? 0 : seconds
        do throws(ServingError) {
            let warm = try Warm(warming: model, defaults: configuration.batching, measuring: allowed)
            return (warm, isMeasured)
        } catch {
            model.life.move(to: .failed)
            throw error
        }
    }

    /// The plan that was measured on a model's file before, else what was measured on the version that it is
    /// to replace.
    ///
    /// A new version mostly has the layers of the one before. Measuring them again, while that one is asked,
    /// would cost time and give now this form and now that, of which one takes four times the memory.
    private func knownPlan(of source: ModelSource, replacing name: String) -> KnownPlan? {
        guard source.format == .onnx else { return nil }
        if let own = plans.text(for: source.sha256) { return KnownPlan(text: own, isInherited: false) }
        guard let served = catalog.pin(name), case .network(let servable) = served.kind else { return nil }
        return servable.network.measuredPlan.map { KnownPlan(text: $0, isInherited: true) }
    }

    /// Keeps the plan of a version that is served, unless it is what was kept before.
    func keepPlan(of version: ModelVersion) {
        guard case .network(let servable) = version.kind, let text = servable.network.measuredPlan,
            text != plans.text(for: version.sha256)
        else { return }
        plans.keep(text, for: version.sha256)
    }

    /// Has the kernels of a version measured while it serves, for what a start does not wait for and a
    /// deployment not long: every size of batches.
    func measureWhileServing(_ version: ModelVersion) {
        guard case .network = version.kind else { return }
        parts.background.run { [weak self, weak version] in
            guard let version, case .network(let servable) = version.kind else { return }
            let isNew = servable.network.measure(seconds: Self.secondsWhileServing, ofThread: true) {
                self != nil && version.state == .serving
            }
            guard isNew, let self else { return }
            keepPlan(of: version)
            parts.logger.info(
                "kernels chosen by measuring",
                metadata: ["model": "\(version.name)", "version": "\(version.number)"])
        }
    }

    /// Processor time for one network.
    private static var secondsWhileServing: Double { 10 }
}
