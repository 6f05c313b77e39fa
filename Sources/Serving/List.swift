extension ModelService {
    /// The served version of each model, by name ignoring case.
    package func list() -> [ModelVersion] {
        catalog.served.map { (key: $0.name.lowercased(), version: $0) }
            .sorted { ($0.key, $0.version.name) < ($1.key, $1.version.name) }
            .map(\.version)
    }

    /// The versions of a model that can be scored and rolled back to, by rising number; empty for an unknown
    /// model.
    package func versions(of name: String) -> [ModelVersion] {
        (catalog.slot(name)?.versions.values).map { $0.sorted { $0.number < $1.number } } ?? []
    }
}
