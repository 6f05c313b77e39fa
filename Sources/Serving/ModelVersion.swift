import Batching
import Glibc
import Registry
import Synchronization

/// One version of one model, warm and able to answer; whoever holds it may finish with it.
///
/// When the last holder lets go, what it owns is handed to the reaper thread: no request pays for freeing it.
package final class ModelVersion: Sendable {
    let stored: StoredVersion
    /// What its file is.
    package let format: ArtifactFormat
    /// The text of its `model.yaml`, own or inherited.
    package let configuration: [UInt8]?
    /// What it computes with.
    package let kind: ServableKind
    /// What to count its requests with.
    package let metrics: VersionMetrics
    private let lastAccess = Atomic<Int64>(0)
    let life: VersionLife
    private let reaper: Reaper

    init(_ warm: Warm<LoadedModel>, stored: StoredVersion, parts: ServiceParts) {
        let model = warm.servable
        self.stored = stored
        format = model.format
        configuration = model.configurationText
        metrics = VersionMetrics()
        kind = ServableKind(warm, metrics: metrics, parts: parts)
        life = model.life
        reaper = parts.reaper
    }

    /// The model's name.
    package var name: String { stored.name }
    /// Rises with every deployment of the model; never used twice. 0 for a dry run's.
    package var number: Int { stored.number }
    /// When it was deployed, milliseconds since 1970.
    package var created: Int64 { stored.record.created }
    /// The model file's size in bytes.
    package var fileBytes: Int { stored.record.bytes }
    /// The model file's SHA-256, 64 lower-case hexadecimal digits.
    package var sha256: String { stored.record.sha256 }
    /// The model file as deployed; it may be gone once the version is no longer kept.
    package var filePath: String { stored.filePath }

    /// When it last scored or was downloaded, milliseconds since 1970; `nil` if never.
    package var accessed: Int64? {
        let time = lastAccess.load(ordering: .relaxed)
        return time == 0 ? nil : time
    }

    /// Notes that it was used now.
    package func touch() {
        lastAccess.store(wallMilliseconds(), ordering: .relaxed)
    }

    /// Where its life is now.
    package var state: VersionState { life.state }

    /// Gives the memory of finished runs back: for a version that is kept, and hardly ever asked.
    func releaseIdleMemory() {
        switch kind {
        case .evaluator: break
        case .network(let network): network.network.releaseIdleMemory()
        }
    }

    deinit {
        life.move(to: .freed)
        reaper.bury(kind, fileBytes: fileBytes)
    }
}

/// What a version computes with.
package enum ServableKind: Sendable {
    case evaluator(PMMLServable)
    case network(NetworkServable)
}

extension ServableKind {
    /// Puts a warm model behind its micro-batchers, as its measured cost and its configuration say.
    init(_ warm: Warm<LoadedModel>, metrics: VersionMetrics, parts: ServiceParts) {
        let model = warm.servable
        func plan(isBatchable: Bool, isNetwork: Bool) -> BatchPlan {
            let facts = BatchPlan.Facts(
                cost: warm.cost, isBatchable: isBatchable, loopCostMax: parts.configuration.loopCostMax,
                isNetwork: isNetwork)
            return BatchPlan(
                facts, configuration: model.configuration, defaults: parts.configuration.batching)
        }
        switch model.engine {
        case .evaluator(let evaluator):
            let plan = plan(isBatchable: true, isNetwork: false)
            self = .evaluator(PMMLServable(evaluator, plan: plan, metrics: metrics, parts: parts))
        case .network(let network):
            let plan = plan(isBatchable: network.network.isBatchable, isNetwork: true)
            self = .network(NetworkServable(network, plan: plan, metrics: metrics, parts: parts))
        }
    }
}

/// The wall clock, milliseconds since 1970.
func wallMilliseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
}
