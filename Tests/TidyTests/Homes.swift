/// Where this package allows what it forbids elsewhere.
enum Homes {
    /// Targets that read configuration or files off the data path with Foundation.
    static let foundation: Set<String> = ["Serving", "augur"]

    /// Files, or folders when they end in a slash, that may hold pointers.
    static let unsafe = [
        "Sources/HTTPAPI/FileBytes.swift",
        "Sources/HTTPAPI/WorkThreads.swift",
        "Sources/augur/ClientSocket.swift",
        "Sources/Tensors/TensorMemory.swift"
    ]
}
