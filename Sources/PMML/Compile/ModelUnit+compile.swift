extension ModelUnit {
    /// Compiles the model of a segment.
    ///
    /// - Parameter publishes: Whether the outputs become visible in the parent, and in the final results.
    static func compile(
        _ element: Element, parent: ModelContext, publishes: Bool
    ) throws(Fault) -> ModelUnit {
        let compiler = parent.compiler
        compiler.depth += 1
        defer { compiler.depth -= 1 }
        guard compiler.depth < compiler.depthMax else {
            throw element.fault("models nest deeper than \(compiler.depthMax)")
        }
        let context = try ModelContext(element, compiler: compiler, parent: parent)
        return try compile(context, publishInto: publishes ? parent.scope : nil)
    }

    /// Compiles a model with its outputs.
    static func compile(_ context: ModelContext, publishInto outer: Scope?) throws(Fault) -> ModelUnit {
        // The outputs are read even where the model itself is at fault: all faults come out at once.
        let result = Result { () throws(Fault) in try scoring(context) }
        if context.element.name == "MiningModel" { _ = try result.get() }
        let outputs = Output.all(of: context, publishInto: outer)
        return ModelUnit(
            number: context.number, element: context.element.name, scoring: try result.get(),
            outputs: outputs, context: context)
    }

    /// The model elements that this module evaluates, with Openscoring's summaries.
    static let summaries: [String: String] = [
        "AnomalyDetectionModel": "Anomaly detection", "AssociationModel": "Association rules",
        "BaselineModel": "Baseline model", "BayesianNetworkModel": "Bayesian network",
        "ClusteringModel": "Clustering model", "GaussianProcessModel": "Gaussian process",
        "GeneralRegressionModel": "General regression", "MiningModel": "Ensemble model",
        "NaiveBayesModel": "Naive Bayes model", "RuleSetModel": "Ruleset model", "Scorecard": "Scorecard",
        "NearestNeighborModel": "k-Nearest neighbors model",
        "NeuralNetwork": "Neural network", "RegressionModel": "Regression",
        "SequenceModel": "Sequence rules", "SupportVectorMachineModel": "Support vector machine",
        "TextModel": "Text model", "TimeSeriesModel": "Time series model", "TreeModel": "Tree model",
    ]

    /// The models that answer with rules and have no target.
    static let ruleModels: Set<String> = ["AssociationModel", "SequenceModel"]
    /// The models that JPMML lacks (`ScoringModel` says what follows).
    static let ownModels: Set<String> = [
        "AnomalyDetectionModel", "BaselineModel", "BayesianNetworkModel", "GaussianProcessModel",
        "SequenceModel", "TextModel", "TimeSeriesModel",
    ]
    /// The models that use a field of `usageType="order"`.
    static let orderedModels: Set<String> = ["SequenceModel", "TimeSeriesModel"]

    private static func scoring(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        switch model.element.name {
        case "AnomalyDetectionModel": return try AnomalyDetection.compile(model)
        case "AssociationModel": return try AssociationRules.compile(model)
        case "BaselineModel": return try BaselineModel.compile(model)
        case "BayesianNetworkModel": return try BayesianNetwork.compile(model)
        case "ClusteringModel": return try Clustering.compile(model)
        case "GaussianProcessModel": return try GaussianProcess.compile(model)
        case "GeneralRegressionModel": return try GeneralRegression.compile(model)
        case "MiningModel": return try Ensemble.compile(model)
        case "NaiveBayesModel": return try NaiveBayes.compile(model)
        case "NearestNeighborModel": return try NearestNeighbors.compile(model)
        case "NeuralNetwork": return try NeuralNetwork.compile(model)
        case "RegressionModel": return try Regression.compile(model)
        case "RuleSetModel": return try RuleSet.compile(model)
        case "Scorecard": return try Scorecard.compile(model)
        case "SequenceModel": return try SequenceRules.compile(model)
        case "SupportVectorMachineModel": return try SupportVectorMachines.compile(model)
        case "TextModel": return try TextModel.compile(model)
        case "TimeSeriesModel": return try TimeSeries.compile(model)
        case "TreeModel": return try Tree.compile(model)
        default: throw model.element.fault("this kind of model is not supported")
        }
    }
}
