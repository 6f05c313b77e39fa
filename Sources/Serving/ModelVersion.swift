import Batching
import Glibc
import Registry
import Synchronization

/// One version of one model, warm and able to answer; whoever holds it may finish with it.
///
/// When the last holder lets go, what it owns is handed to the reaper thread: no request pays for freeing it.
package final class ModelVersion: Sendable {
    /// The model's name.
    package let name: String
    /// Rises with every deployment of the model; never used twice.
    package let number: Int
    /// When it was deployed, milliseconds since 1970.
    package let created: Int64
    /// The model file's size in bytes.
    package let fileBytes: Int
    /// The model file's SHA-256, 64 lower-case hexadecimal digits.
    package let sha256: String
    /// The model file as deployed; it may be gone once the version is no longer kept.
    package let filePath: String
    package let format: ArtifactFormat
    /// The text of its `model.yaml`, own or inherited.
    package let configuration: [UInt8]?
    package let kind: ServableKind
    /// What to count its requests with.
    package let metrics: VersionMetrics
    private let lastAccess = Atomic<Int64>(0)
    private let life: VersionLife
    private let reaper: Reaper

    init(_ warm: Warm<LoadedModel>, stored: StoredVersion, parts: ServiceParts) {
        let model = warm.servable
        name = stored.name
        number = stored.number
        created = stored.record.created
        fileBytes = stored.record.bytes
        sha256 = stored.record.sha256
        filePath = stored.filePath
        format = model.format
        configuration = model.configuration
        kind = model.kind
        metrics = model.metrics
        life = model.life
        reaper = parts.reaper
    }

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

    deinit {
        life.move(to: .freed)
        metrics.retire()
        reaper.bury(kind)
    }
}

/// What a version computes with.
package enum ServableKind: Sendable {
    case evaluator(PMMLServable)
    case network(NetworkServable)
}

/// The wall clock, milliseconds since 1970.
func wallMilliseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
}
