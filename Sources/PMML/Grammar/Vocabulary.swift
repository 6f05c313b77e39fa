/// What PMML 4.4 knows: every element that bears on scoring, with its attributes.
///
///     element attribute attribute! attribute=kind ...
///
/// `!` marks an attribute that the standard requires. A kind is `#` (a number), `#i` (an integer), `?` (a
/// boolean), `@type` (a data type), `@op` (an operational type) or the values of an enumeration; without one
/// any text will do. `$model` stands for the attributes that all models have. An element whose line is
/// `element *` is not looked into: it says nothing that an evaluation needs, or has content of its own kind.
enum Vocabulary {
    static let models =
        "modelName functionName!=associationRules|sequences|classification|regression|"
        + "clustering|timeSeries|mixed algorithmName isScorable=?"

    static let lines = """
        PMML version
        Header copyright description modelVersion
        Application name! version
        Annotation
        Timestamp
        MiningBuildTask *
        Extension *
        DataDictionary numberOfFields=#i
        DataField name! displayName optype=@op dataType!=@type taxonomy isCyclic
        Value value! displayValue property=valid|invalid|missing
        Interval closure!=openClosed|openOpen|closedOpen|closedClosed leftMargin=# rightMargin=#
        Taxonomy *
        TransformationDictionary
        LocalTransformations
        DerivedField name displayName optype=@op dataType=@type
        DefineFunction name! optype=@op dataType=@type
        ParameterField name! optype=@op dataType=@type displayName
        Constant dataType=@type missing=?
        FieldRef field! mapMissingTo
        NormContinuous mapMissingTo=# field! outliers=asIs|asMissingValues|asExtremeValues
        LinearNorm orig!=# norm!=#
        NormDiscrete field! value! mapMissingTo=# method
        Discretize field! mapMissingTo defaultValue dataType=@type
        DiscretizeBin binValue!
        MapValues mapMissingTo defaultValue outputColumn! dataType=@type
        FieldColumnPair field! column!
        TableLocator *
        InlineTable *
        TextIndex textField! localTermWeights=termFrequency|binary|logarithmic|\
        augmentedNormalizedTermFrequency isCaseSensitive=? maxLevenshteinDistance=#i countHits=allHits|\
        bestHits wordSeparatorCharacterRE wordRE tokenize=?
        TextIndexNormalization inField outField regexField recursive=? isCaseSensitive=? \
        maxLevenshteinDistance=#i wordSeparatorCharacterRE wordRE tokenize=?
        Aggregate field! function!=count|average|sum|min|max|multiset groupField sqlWhere
        Lag field! n=#i aggregate=none|avg|max|median|min|product|sum|stddev
        BlockIndicator field!
        Apply function! mapMissingTo defaultValue invalidValueTreatment=returnInvalid|asIs|asMissing
        MiningSchema
        MiningField name! usageType=active|predicted|target|supplementary|group|order|frequencyWeight|\
        analysisWeight optype=@op importance=# outliers=asIs|asMissingValues|asExtremeValues lowValue=# \
        highValue=# missingValueReplacement missingValueTreatment=asIs|asMean|asMode|asMedian|asValue|\
        returnInvalid invalidValueTreatment=returnInvalid|asIs|asMissing|asValue invalidValueReplacement
        ModelStats *
        ModelExplanation *
        Output
        OutputField name! displayName optype=@op dataType=@type targetField feature=predictedValue|\
        predictedDisplayValue|transformedValue|decision|probability|affinity|residual|standardError|\
        standardDeviation|clusterId|clusterAffinity|entityId|entityAffinity|warning|ruleValue|reasonCode|\
        antecedent|consequent|rule|ruleId|confidence|support|lift|leverage value ruleFeature=antecedent|\
        consequent|rule|ruleId|confidence|support|lift|leverage|affinity algorithm=recommendation|\
        exclusiveRecommendation|ruleAssociation rank=#i rankBasis=confidence|support|lift|leverage|\
        affinity rankOrder=ascending|descending isMultiValued segmentId isFinalResult=?
        Decisions businessProblem description
        Decision value! displayValue description
        Targets
        Target field targetField optype=@op castInteger=round|ceiling|floor min=# max=# rescaleConstant=# \
        rescaleFactor=#
        TargetValue value displayValue priorProbability=# defaultValue rawDataValue
        ModelVerification *
        True
        False
        SimplePredicate field! operator!=equal|notEqual|lessThan|lessOrEqual|greaterThan|greaterOrEqual|\
        isMissing|isNotMissing value
        SimpleSetPredicate field! booleanOperator!=isIn|isNotIn
        CompoundPredicate booleanOperator!=or|and|xor|surrogate
        Array n=#i type=int|real|string
        array n=#i type=int|real|string
        REAL-SparseArray n=#i defaultValue=#
        INT-SparseArray n=#i defaultValue=#
        Indices
        REAL-Entries
        INT-Entries
        Matrix kind=diagonal|symmetric|any nbRows=#i nbCols=#i diagDefault=# offDiagDefault=#
        MatCell row!=#i col!=#i
        TreeModel $model missingValueStrategy=lastPrediction|nullPrediction|defaultChild|\
        weightedConfidence|aggregateNodes|none missingValuePenalty=# \
        noTrueChildStrategy=returnNullPrediction|returnLastPrediction splitCharacteristic=binarySplit|\
        multiSplit
        Node id score recordCount=# defaultChild
        ScoreDistribution value! recordCount=# confidence=# probability=#
        Partition *
        EmbeddedModel *
        DecisionTree *
        Regression *
        ResultField *
        MiningModel $model
        Segmentation multipleModelMethod!=majorityVote|weightedMajorityVote|average|weightedAverage|\
        median|weightedMedian|max|sum|weightedSum|selectFirst|selectAll|modelChain|multiModelChain \
        missingPredictionTreatment=returnMissing|skipSegment|continue missingThreshold=#
        Segment id weight=#
        VariableWeight field!
        RegressionModel $model targetFieldName modelType normalizationMethod=none|simplemax|softmax|logit|\
        probit|cloglog|exp|loglog|cauchit
        RegressionTable intercept!=# targetCategory
        NumericPredictor name field exponent=# coefficient!=#
        CategoricalPredictor name field value! coefficient!=#
        PredictorTerm name coefficient!=#
        GeneralRegressionModel $model targetVariableName modelType!=regression|generalLinear|\
        multinomialLogistic|ordinalMultinomial|generalizedLinear|CoxRegression targetReferenceCategory \
        cumulativeLink=logit|probit|cloglog|loglog|cauchit linkFunction=cloglog|identity|log|logc|logit|\
        loglog|negbin|oddspower|power|probit linkParameter=# trialsVariable trialsValue=# \
        distribution=binomial|gamma|igauss|negbin|normal|poisson|tweedie distParameter=# offsetVariable \
        offsetValue=# modelDF=# endTimeVariable startTimeVariable subjectIDVariable statusVariable \
        baselineStrataVariable
        ParameterList
        Parameter name! label referencePoint=#
        FactorList
        CovariateList
        Predictor name! contrastMatrixType
        Categories
        Category value!
        PPMatrix
        PPCell value! predictorName! parameterName! targetCategory
        PCovMatrix *
        ParamMatrix
        PCell targetCategory parameterName! beta!=# df=#
        EventValues
        BaseCumHazardTables maxTime=#
        BaselineStratum value! label maxTime!=#
        BaselineCell time!=# cumHazard!=#
        NeuralNetwork $model activationFunction!=threshold|logistic|tanh|identity|exponential|reciprocal|\
        square|Gauss|sine|cosine|Elliott|arctan|rectifier|radialBasis normalizationMethod=none|simplemax|\
        softmax threshold=# width=# altitude=# numberOfLayers=#i
        NeuralInputs numberOfInputs=#i
        NeuralInput id!
        NeuralLayer numberOfNeurons=#i activationFunction=threshold|logistic|tanh|identity|exponential|\
        reciprocal|square|Gauss|sine|cosine|Elliott|arctan|rectifier|radialBasis threshold=# width=# \
        altitude=# normalizationMethod=none|simplemax|softmax
        Neuron id! bias=# width=# altitude=#
        Con from! weight!=#
        NeuralOutputs numberOfOutputs=#i
        NeuralOutput outputNeuron!
        SupportVectorMachineModel $model threshold=# svmRepresentation=SupportVectors|Coefficients \
        classificationMethod=OneAgainstAll|OneAgainstOne maxWins=? alternateBinaryTargetCategory
        LinearKernelType description
        PolynomialKernelType description gamma=# coef0=# degree=#
        RadialBasisKernelType description gamma=#
        SigmoidKernelType description gamma=# coef0=#
        VectorDictionary numberOfVectors=#i
        VectorFields numberOfFields=#i
        VectorInstance id!
        SupportVectorMachine targetCategory alternateTargetCategory threshold=#
        SupportVectors numberOfAttributes=#i numberOfSupportVectors=#i
        SupportVector vectorId!
        Coefficients numberOfCoefficients=#i absoluteValue=#
        Coefficient value=#
        ClusteringModel $model modelClass!=centerBased|distributionBased numberOfClusters=#i
        MissingValueWeights
        Cluster id name size=#
        KohonenMap *
        Covariances
        ClusteringField field! isCenterField=? fieldWeight=# similarityScale=# compareFunction=absDiff|\
        gaussSim|delta|equal|table
        Comparisons
        ComparisonMeasure kind!=distance|similarity compareFunction=absDiff|gaussSim|delta|equal|table \
        minimum=# maximum=#
        euclidean
        squaredEuclidean
        chebychev
        cityBlock
        minkowski p-parameter!=#
        simpleMatching
        jaccard
        tanimoto
        binarySimilarity c00-parameter!=# c01-parameter!=# c10-parameter!=# c11-parameter!=# \
        d00-parameter!=# d01-parameter!=# d10-parameter!=# d11-parameter!=#
        CenterFields
        NearestNeighborModel $model numberOfNeighbors!=#i continuousScoringMethod=median|average|\
        weightedAverage categoricalScoringMethod=majorityVote|weightedMajorityVote instanceIdVariable \
        threshold=#
        TrainingInstances isTransformed=? recordCount=#i fieldCount=#i
        InstanceFields
        InstanceField field! column
        KNNInputs
        KNNInput field! fieldWeight=# compareFunction=absDiff|gaussSim|delta|equal|table
        NaiveBayesModel $model threshold!=#
        BayesInputs
        BayesInput fieldName
        BayesOutput fieldName
        TargetValueStats
        TargetValueStat value!
        PairCounts value!
        TargetValueCounts
        TargetValueCount value! count!=#
        GaussianDistribution mean!=# variance!=#
        PoissonDistribution mean!=#
        AnyDistribution mean!=# variance!=#
        UniformDistribution lower!=# upper!=#
        RuleSetModel $model
        RuleSet recordCount=# nbCorrect=# defaultScore defaultConfidence=#
        RuleSelectionMethod criterion!=weightedSum|weightedMax|firstHit
        SimpleRule id score! recordCount=# nbCorrect=# confidence=# weight=#
        CompoundRule
        Scorecard $model initialScore=# useReasonCodes=? reasonCodeAlgorithm=pointsAbove|pointsBelow \
        baselineScore=# baselineMethod=max|min|mean|neutral|other
        Characteristics
        Characteristic name reasonCode baselineScore=#
        Attribute reasonCode partialScore=#
        ComplexPartialScore
        AssociationModel $model numberOfTransactions=#i maxNumberOfItemsPerTA=#i avgNumberOfItemsPerTA=# \
        minimumSupport=# minimumConfidence=# lengthLimit=#i numberOfItems=#i numberOfItemsets=#i \
        numberOfRules=#i
        Item id! value! field category mappedValue weight=#
        Itemset id! support=# numberOfItems=#i
        ItemRef itemRef!
        AssociationRule antecedent! consequent! support!=# confidence!=# lift=# leverage=# affinity=# id
        AnomalyDetectionModel *
        BayesianNetworkModel *
        BaselineModel *
        GaussianProcessModel *
        SequenceModel *
        TextModel *
        TimeSeriesModel *
        """
}

/// What an attribute's value must be.
enum AttributeKind: Sendable {
    case text, number, integer, flag, dataType, opType
    case choice([[UInt8]])

    init(_ text: Substring) {
        switch text {
        case "": self = .text
        case "#": self = .number
        case "#i": self = .integer
        case "?": self = .flag
        case "@type": self = .dataType
        case "@op": self = .opType
        default: self = .choice(text.split(separator: "|").map { Array($0.utf8) })
        }
    }
}

/// One line of the vocabulary.
struct ElementRule: Sendable {
    struct Attribute: Sendable {
        let name: String
        let isRequired: Bool
        let kind: AttributeKind
    }

    let attributes: [Attribute]
    /// Whether attributes and content are passed over.
    let isOpaque: Bool

    init(_ words: some Sequence<Substring>) {
        var attributes: [Attribute] = []
        var isOpaque = false
        for word in words {
            if word == "*" {
                isOpaque = true
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1)
            let isRequired = parts[0].hasSuffix("!")
            attributes.append(
                Attribute(
                    name: String(isRequired ? parts[0].dropLast() : parts[0]), isRequired: isRequired,
                    kind: AttributeKind(parts.count > 1 ? parts[1] : "")))
        }
        self.attributes = attributes
        self.isOpaque = isOpaque
    }

    /// The rules by element.
    static let all: [String: ElementRule] = {
        var rules: [String: ElementRule] = [:]
        for line in Vocabulary.lines.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let name = words.first else { continue }
            let attributes = words.dropFirst().flatMap { word in
                word == "$model" ? Vocabulary.models.split(separator: " ") : [word]
            }
            rules[String(name)] = ElementRule(attributes)
        }
        return rules
    }()
}
