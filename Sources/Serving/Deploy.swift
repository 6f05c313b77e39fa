import Registry

extension ModelService {
    /// Deploys a model: reads, validates, optimises, warms up, stores, publishes. Blocks for as long as that
    /// takes.
    ///
    /// Any number of threads may deploy at once, also the same name: each gets its own number, the last to be
    /// stored is served. The calling thread's priority is not touched.
    /// - Throws: any `ServingError`; then nothing that is served has changed and nothing is left on disk.
    package func deploy(_ deployment: Deployment) throws(ServingError) -> Deployed {
        guard let name = ModelName(deployment.model) else {
            discard(deployment.artifact)
            throw .invalidName(deployment.model)
        }
        let folder: String
        do {
            folder = try staging.begin()
        } catch {
            discard(deployment.artifact)
            throw ServingError(error)
        }
        // A committed folder has been renamed: then there is nothing here to discard.
        defer { staging.discard(folder) }
        let source: ModelSource
        do throws(ServingError) {
            source = try stage(deployment, in: folder)
        } catch {
            // One that could not be moved into the folder would stay until a restart.
            discard(deployment.artifact)
            throw error
        }
        let (warm, isMeasured) = try warmed(
            source, replacing: name.text, measuring: Self.secondsMeasuring)
        do {
            let staged = try finish(deployment, source, in: folder)
            if deployment.dryRun { return rehearsed(warm, staged, name) }
            let deployed = try publish(warm, staged, as: name)
            keepPlan(of: deployed.version)
            if !isMeasured { measureWhileServing(deployed.version) }
            return deployed
        } catch {
            warm.servable.life.move(to: .failed)
            throw error
        }
    }

    /// Time that a deployment may spend on measuring a network.
    private static var secondsMeasuring: Double { 0.5 }

    /// Puts the artifact into its folder and finds out what it is.
    private func stage(_ deployment: Deployment, in folder: String) throws(ServingError) -> ModelSource {
        let arrived = "\(folder)/arrived"
        do {
            switch deployment.artifact {
            case .bytes(let bytes): try staging.disk.write(bytes, to: arrived)
            case .file(let path): try staging.disk.rename(path, to: arrived)
            }
            let format = try format(of: arrived, claimed: deployment.format)
            let path = "\(folder)/\(format.fileName)"
            try staging.disk.rename(arrived, to: path)
            return ModelSource(
                path: path, format: format,
                configurationText: deployment.configuration ?? inherited(by: deployment.model, format),
                modelName: deployment.modelName, bytesMax: configuration.artifactBytesMax,
                sha256: try Checksum.ofFile(path, on: staging.disk))
        } catch let error as StoreError {
            throw ServingError(error)
        } catch let error as ServingError {
            throw error
        } catch {
            throw .unsupportedFormat("\(error)")
        }
    }

    private func format(of path: String, claimed: ArtifactFormat?) throws -> ArtifactFormat {
        let size = staging.disk.size(of: path) ?? 0
        guard size <= configuration.artifactBytesMax else {
            throw ServingError.tooLarge(bytes: size, bytesMax: configuration.artifactBytesMax)
        }
        let head = try staging.disk.head(of: path, count: 4096)
        guard let format = ArtifactFormat(sniffing: head) else {
            throw ServingError.unsupportedFormat("the model is neither a PMML document nor an ONNX file")
        }
        if let claimed, claimed != format {
            throw ServingError.unsupportedFormat("the model is sent as \(claimed) but looks like \(format)")
        }
        return format
    }

    /// The served version's `model.yaml`, if it is of the same format.
    private func inherited(by name: String, _ format: ArtifactFormat) -> [UInt8]? {
        guard let current = catalog.pin(name), current.format == format else { return nil }
        return current.configuration
    }

    private func finish(
        _ deployment: Deployment, _ source: ModelSource, in folder: String
    ) throws(ServingError) -> StagedVersion {
        do {
            var staged = try staging.finish(
                folder, file: source.format.fileName, sha256: source.sha256,
                configuration: source.configurationText)
            staged.modelName = deployment.modelName
            staged.created = wallMilliseconds()
            return staged
        } catch {
            throw ServingError(error)
        }
    }

    /// Stores a warm model, then lets it answer: one lock around both, so the last stored is the one served.
    private func publish(
        _ warm: Warm<LoadedModel>, _ staged: StagedVersion, as name: ModelName
    ) throws(ServingError) -> Deployed {
        let change = try change { (store) throws(StoreError) in
            let committed = try store.commit(staged, as: name)
            warm.servable.life.move(to: .stored)
            let version = ModelVersion(warm, stored: committed.stored, parts: self.parts)
            let replaced = self.show(version, keeping: committed.kept)
            return (version, replaced, committed.dropped)
        }
        let (version, replaced, dropped) = change
        retire(replaced, keeping: catalog.slot(name.text))
        staging.disk.removeFiles(of: dropped)
        parts.logger.info(
            "deployed", metadata: ["model": "\(name.text)", "version": "\(version.number)"])
        return Deployed(version: version, created: replaced == nil, warnings: warm.servable.warnings)
    }

    /// A dry run's result: the number is 0, and it can be asked but not found.
    private func rehearsed(_ warm: Warm<LoadedModel>, _ staged: StagedVersion, _ name: ModelName) -> Deployed
    {
        var record = VersionRecord(
            number: 0, source: .data, file: staged.file, bytes: staged.bytes, sha256: staged.sha256)
        record.created = staged.created
        let stored = StoredVersion(
            name: name.text, record: record, directory: staged.directory, configurationPath: nil)
        let version = ModelVersion(warm, stored: stored, parts: parts)
        return Deployed(
            version: version, created: catalog.slot(name.text) == nil, warnings: warm.servable.warnings)
    }

    private func discard(_ artifact: Deployment.Artifact) {
        if case .file(let path) = artifact { staging.discard(path) }
    }
}
