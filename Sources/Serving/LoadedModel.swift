import Registry

/// A model that was read, validated and optimised, but has not answered anything yet.
struct LoadedModel: Sendable {
    let kind: ServableKind
    let format: ArtifactFormat
    /// The text of its `model.yaml`, own or inherited.
    let configuration: [UInt8]?
    let metrics: VersionMetrics
    let life: VersionLife
    let warnings: [String]
}
