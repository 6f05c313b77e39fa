/// Where this package allows what it forbids elsewhere.
enum Homes {
    /// Targets that read configuration or files off the data path with Foundation.
    static let foundation: Set<String> = []

    /// Executable targets: they wire modules together.
    static let executables: Set<String> = ["augur"]

    /// Files, or folders when they end in a slash, that may hold pointers.
    static let unsafe = [
        "Sources/Tensors/ElementFault.swift",
        "Sources/Tensors/Elements.swift",
        "Sources/Tensors/TensorMemory.swift",
        "Sources/Tensors/TensorPool.swift",
        "Sources/Kernels/Matrix/GEMM.swift",
        "Sources/JSON/ParserPool.swift",
        "Sources/JSON/Tape.swift",
        "Sources/Imaging/PNGDecoder.swift",
        "Sources/PMML/Document/DocumentBuilder.swift",
        "Sources/PMML/Document/XMLReader.swift",
        "Sources/PMML/Fast/DenseForm.swift",
        "Sources/PMML/Fast/FastFinish.swift",
        "Sources/PMML/Fast/FixedTable.swift",
        "Sources/PMML/Fast/Forest.swift",
        "Sources/PMML/Fast/Plane.swift",
        "Sources/PMML/Fast/PlaneInput.swift",
        "Sources/PMML/Fast/PlanePool.swift",
        "Sources/PMML/Program/Frame.swift",
        "Sources/ONNX/Plan/Arena.swift",
        "Sources/ONNX/Plan/ConvolutionPart.swift",
        "Sources/ONNX/Plan/FloatBlock.swift",
        "Sources/ONNX/Plan/PackedFloats.swift",
        "Sources/ONNX/Plan/PlanRun+kernels.swift",
        "Sources/ONNX/Plan/PlanRun+pair.swift",
        "Sources/ONNX/Plan/PlanRun.swift",
        "Sources/ONNX/Plan/Planner+products.swift",
        "Sources/ONNX/Wire/ModelBytes.swift",
        "Sources/Batching/Monitor.swift",
        "Sources/Telemetry/LineLog.swift",
        "Sources/Registry/Checksum.swift",
        "Sources/Registry/Disk+reading.swift",
        "Sources/Registry/Disk.swift",
        "Sources/HTTP1/Span+bytes.swift",
        "Sources/EventLoop/Descriptors.swift",
        "Sources/EventLoop/Files.swift",
        "Sources/EventLoop/Lock.swift",
        "Sources/EventLoop/Socket.swift",
        "Sources/EventLoop/WorkerThread.swift",
        "Sources/HTTPServer/Deflater.swift",
        "Sources/HTTPServer/Inflater.swift",
        "Sources/HTTPAPI/FileBytes.swift",
        "Sources/HTTPAPI/WorkThreads.swift",
        "Sources/augur/ClientSocket.swift",
        "Sources/Conformance/Folders.swift",
    ]
}
