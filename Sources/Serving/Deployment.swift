/// A model on its way in.
package struct Deployment: Sendable {
    /// Where the model's bytes are.
    package enum Artifact: Sendable {
        /// A complete file below `ModelService.uploadDirectory`; the deployment takes it away, also when it
        /// fails.
        case file(path: String)
        case bytes([UInt8])
    }

    /// The model's name.
    package var model: String
    package var artifact: Artifact
    /// What the request says it is; `nil` asks the bytes.
    package var format: ArtifactFormat?
    /// The text of a `model.yaml`; `nil` inherits that of the version served now, if it has the same format.
    package var configuration: [UInt8]?
    /// Which model of a PMML document with several, by its `modelName`.
    package var modelName: String?
    /// Everything but storing and publishing.
    package var dryRun: Bool

    /// A deployment that lets the bytes and the served version say everything else.
    package init(model: String, artifact: Artifact) {
        self.model = model
        self.artifact = artifact
        format = nil
        configuration = nil
        modelName = nil
        dryRun = false
    }
}

/// A deployment that succeeded.
package struct Deployed: Sendable {
    /// The version; served from now on, save after a dry run.
    package let version: ModelVersion
    /// No model of that name was served before.
    package let created: Bool
    /// What the document's author should know, one sentence each.
    package let warnings: [String]
}
