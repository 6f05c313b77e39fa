/// One small model of each kind that `main` does not write itself, over its data dictionary.
let kinds: [String] = [
    // Support vectors, in each of their forms.
    svm("regression", "", [#"<SupportVectorMachine>\#(supports)</SupportVectorMachine>"#]),
    svm(
        "classification", #"classificationMethod="OneAgainstOne""#,
        [
            #"<SupportVectorMachine targetCategory="0" alternateTargetCategory="1">\#(supports)"#
                + "</SupportVectorMachine>"
        ]),
    svm(
        "classification", #"maxWins="true""#,
        [
            #"<SupportVectorMachine targetCategory="0">\#(supports)</SupportVectorMachine>"#,
            #"<SupportVectorMachine targetCategory="1">\#(supports)</SupportVectorMachine>"#,
        ]),
    """
    <NearestNeighborModel functionName="mixed" numberOfNeighbors="2" continuousScoringMethod="weightedAverage" \
    categoricalScoringMethod="weightedMajorityVote" threshold="0.1">\(mining("x", "n"))\(instances)\
    <ComparisonMeasure kind="distance"><minkowski p-parameter="3"/></ComparisonMeasure><KNNInputs>\
    <KNNInput field="x"/><KNNInput field="n" fieldWeight="2"/></KNNInputs></NearestNeighborModel>
    """,
    clustering("<euclidean/>"),
    """
    <GeneralRegressionModel functionName="regression" modelType="generalizedLinear" linkFunction="power" \
    linkParameter="2">\(mining("x", "s"))<ParameterList><Parameter name="p0"/><Parameter name="p1"/>\
    <Parameter name="p2"/></ParameterList><FactorList><Predictor name="s"/></FactorList><CovariateList>\
    <Predictor name="x"/></CovariateList><PPMatrix><PPCell value="2" predictorName="x" parameterName="p1"/>\
    <PPCell value="a" predictorName="s" parameterName="p2"/></PPMatrix><ParamMatrix>\
    <PCell parameterName="p0" beta="0.5"/><PCell parameterName="p1" beta="2"/><PCell parameterName="p2" beta="1"/>\
    </ParamMatrix></GeneralRegressionModel>
    """,
    """
    <NaiveBayesModel functionName="classification" threshold="0.001">\(mining("x", "s"))<BayesInputs>\
    <BayesInput fieldName="x"><TargetValueStats><TargetValueStat value="0"><GaussianDistribution mean="0" \
    variance="2"/></TargetValueStat><TargetValueStat value="1"><GaussianDistribution mean="1" variance="1"/>\
    </TargetValueStat></TargetValueStats></BayesInput><BayesInput fieldName="s"><PairCounts value="a">\
    <TargetValueCounts><TargetValueCount value="0" count="2"/><TargetValueCount value="1" count="0"/>\
    </TargetValueCounts></PairCounts></BayesInput></BayesInputs><BayesOutput fieldName="t"><TargetValueCounts>\
    <TargetValueCount value="0" count="3"/><TargetValueCount value="1" count="4"/></TargetValueCounts>\
    </BayesOutput></NaiveBayesModel>
    """,
    """
    <RuleSetModel functionName="classification">\(mining("x", "s"))<RuleSet defaultScore="0" defaultConfidence="0.1">\
    <RuleSelectionMethod criterion="weightedSum"/><SimpleRule id="r" score="1" weight="2" confidence="0.5">\
    <SimplePredicate field="x" operator="greaterThan" value="2"/></SimpleRule><CompoundRule><SimplePredicate \
    field="s" operator="equal" value="a"/><SimpleRule score="0"><True/></SimpleRule></CompoundRule></RuleSet>\
    </RuleSetModel>
    """,
    """
    <Scorecard functionName="regression" initialScore="3" reasonCodeAlgorithm="pointsBelow" baselineScore="4">\
    \(mining("x", "n"))<Output><OutputField name="r" feature="reasonCode" rank="1"/></Output><Characteristics>\
    <Characteristic name="c" reasonCode="C"><Attribute partialScore="2"><SimplePredicate field="x" \
    operator="lessThan" value="3"/></Attribute><Attribute><True/><ComplexPartialScore><FieldRef field="n"/>\
    </ComplexPartialScore></Attribute></Characteristic></Characteristics></Scorecard>
    """,
    """
    <AnomalyDetectionModel functionName="regression" algorithmType="iforest" sampleDataSize="8">\(mining("x"))\
    <TreeModel functionName="regression">\(mining("x"))<Node score="2"><True/></Node></TreeModel>\
    </AnomalyDetectionModel>
    """,
    """
    <AnomalyDetectionModel functionName="regression" algorithmType="ocsvm">\(mining("x"))\
    \(svm("regression", "", ["<SupportVectorMachine>\(supports)</SupportVectorMachine>"]))</AnomalyDetectionModel>
    """,
    """
    <AnomalyDetectionModel functionName="regression" algorithmType="clusterMeanDist">\(mining("x"))\
    \(clustering("<chebychev/>"))<MeanClusterDistances><Array>3 2</Array></MeanClusterDistances>\
    </AnomalyDetectionModel>
    """,
    """
    <GaussianProcessModel functionName="regression">\(mining("x", "n"))<Output><OutputField name="sd" \
    feature="standardDeviation"/><OutputField name="low" feature="confidenceIntervalLower" value="90"/></Output>\
    <ARDSquaredExponentialKernel gamma="2" noiseVariance="0.5"><Lambda><Array>3 2</Array></Lambda>\
    </ARDSquaredExponentialKernel>\(instances)</GaussianProcessModel>
    """,
    """
    <BayesianNetworkModel functionName="classification"><MiningSchema><MiningField name="s"/><MiningField name="x"/>\
    <MiningField name="t" usageType="target"/></MiningSchema><BayesianNetworkNodes><DiscreteNode name="t">\
    <ValueProbability value="0" probability="0.25"/><ValueProbability value="1" probability="0.75"/></DiscreteNode>\
    <DiscreteNode name="s">\(states("0", "0.5"))\(states("1", "0.125"))</DiscreteNode><ContinuousNode name="x">\
    \(normal("0", "1"))\(normal("1", "3"))</ContinuousNode></BayesianNetworkNodes></BayesianNetworkModel>
    """,
    baseline(
        "CUSUM",
        """
        <Baseline><GaussianDistribution mean="1" variance="2"/></Baseline><Alternate><UniformDistribution \
        lower="0" upper="9"/></Alternate>
        """, "x"),
    baseline(
        "chiSquareDistribution",
        """
        <Baseline><CountTable><FieldValueCount field="s" value="a" count="5"/><FieldValueCount field="s" value="b" \
        count="7"/></CountTable></Baseline>
        """, "s"),
    """
    <TimeSeriesModel functionName="timeSeries"><MiningSchema><MiningField name="n" usageType="supplementary"/>\
    <MiningField name="y" usageType="target"/></MiningSchema><ExponentialSmoothing><Level alpha="0.5" \
    smoothedValue="10"/><Trend_ExpoSmooth trend="damped_multiplicative" phi="0.5" smoothedValue="1.5"/>\
    <Seasonality_ExpoSmooth type="multiplicative" period="2" phase="1"><Array>1 2</Array></Seasonality_ExpoSmooth>\
    </ExponentialSmoothing></TimeSeriesModel>
    """,
    """
    <TimeSeriesModel functionName="timeSeries"><MiningSchema><MiningField name="n" usageType="order"/>\
    <MiningField name="y" usageType="target"/></MiningSchema><TimeSeries><TimeValue index="1" value="2"/>\
    <TimeValue index="2" value="3"/><TimeValue index="3" value="5"/></TimeSeries><ARIMA RMSE="2" constantTerm="1">\
    <NonseasonalComponent p="1" d="1" q="1"><AR><Array>0.5</Array></AR><MA><MACoefficients><Array>0.25</Array>\
    </MACoefficients></MA></NonseasonalComponent></ARIMA></TimeSeriesModel>
    """,
    """
    <TextModel functionName="clustering" numberOfTerms="2" numberOfDocuments="2">\(mining("s"))<Output><OutputField \
    name="first" feature="affinity" value="d"/></Output><TextDictionary><Array>a b</Array></TextDictionary>\
    <TextCorpus><TextDocument id="d"/><TextDocument id="e"/></TextCorpus><DocumentTermMatrix><Matrix nbRows="2" \
    nbCols="2"><Array>1 2</Array><Array>0 3</Array></Matrix></DocumentTermMatrix><TextModelNormalization \
    localTermWeights="logarithmic" globalTermWeights="GFIDF" documentNormalization="cosine"/>\
    <TextModelSimiliarity similarityType="cosine"/></TextModel>
    """,
    """
    <SequenceModel functionName="sequences"><MiningSchema><MiningField name="t" usageType="group"/><MiningField \
    name="n" usageType="order"/><MiningField name="s"/></MiningSchema><Output><OutputField name="rule" \
    feature="ruleId" algorithm="recommendation"/></Output><Item id="i" value="a"/><Itemset id="s"><ItemRef \
    itemRef="i"/></Itemset><Sequence id="q"><SetReference setId="s"/></Sequence><SequenceRule id="r" \
    confidence="0.5" support="0.25"><AntecedentSequence><SequenceReference seqId="q"/></AntecedentSequence>\
    <Delimiter delimiter="acrossTimeWindows" gap="true"/><Time min="1" max="2"/><ConsequentSequence>\
    <SequenceReference seqId="q"/></ConsequentSequence></SequenceRule></SequenceModel>
    """,
]

/// Forests in the shapes that have fast forms: sums, means of probabilities, a chain of an ensemble and what
/// reads its number.
let forests: [String] = [
    forest("sum", [stump("x", "2", ("1", "2.5")), stump("n", "3", ("0.5", "-1")), choice("s", "a b")]),
    forest("weightedAverage", [stump("x", "4", ("1", "8")), stump("x", "5", ("3", "0.25"))]),
    """
    <MiningModel functionName="classification">\(mining("x", "s"))<Segmentation multipleModelMethod="average">\
    \(["a", "c"].map { "<Segment><True/>\(shares($0))</Segment>" }.joined())</Segmentation></MiningModel>
    """,
    """
    <MiningModel functionName="regression">\(mining("x", "n", "s"))<Segmentation multipleModelMethod="modelChain">\
    <Segment><True/><MiningModel functionName="regression">\(mining("x", "s"))<Output><OutputField name="v" \
    feature="predictedValue" dataType="double" optype="continuous"/></Output><Segmentation multipleModelMethod="sum">\
    <Segment><True/>\(choice("s", "a"))</Segment><Segment><True/>\(stump("x", "2", ("1", "0")))</Segment>\
    </Segmentation></MiningModel></Segment><Segment><True/><RegressionModel functionName="regression">\
    <MiningSchema><MiningField name="v"/></MiningSchema><RegressionTable intercept="1"><NumericPredictor name="v" \
    coefficient="2"/></RegressionTable></RegressionModel></Segment></Segmentation></MiningModel>
    """,
    """
    <NeuralNetwork functionName="classification" activationFunction="rectifier" normalizationMethod="softmax">\
    \(mining("x", "n"))<NeuralInputs>\(neuralInput("0", "x"))\(neuralInput("1", "n"))</NeuralInputs><NeuralLayer>\
    <Neuron id="2" bias="1"><Con from="0" weight="2"/><Con from="1" weight="-1"/></Neuron><Neuron id="3"><Con \
    from="0" weight="1"/><Con from="1" weight="3"/></Neuron></NeuralLayer><NeuralOutputs>\(neuralOutput("2", "0"))\
    \(neuralOutput("3", "1"))</NeuralOutputs></NeuralNetwork>
    """,
]

private let supports = """
    <SupportVectors><SupportVector vectorId="a"/><SupportVector vectorId="b"/></SupportVectors><Coefficients \
    absoluteValue="0.5"><Coefficient value="1"/><Coefficient value="-2"/></Coefficients>
    """

private func svm(_ function: String, _ attributes: String, _ machines: [String]) -> String {
    """
    <SupportVectorMachineModel functionName="\(function)" \(attributes)>\(mining("x", "s"))<PolynomialKernelType \
    gamma="1" coef0="1" degree="2"/><VectorDictionary><VectorFields><FieldRef field="x"/><CategoricalPredictor \
    name="s" value="a" coefficient="1"/></VectorFields><VectorInstance id="a"><REAL-SparseArray n="2"><Indices>1 \
    2</Indices><REAL-Entries>3 1</REAL-Entries></REAL-SparseArray></VectorInstance><VectorInstance id="b"><Array>0.5 \
    0</Array></VectorInstance></VectorDictionary>\(machines.joined())</SupportVectorMachineModel>
    """
}

private let instances = """
    <TrainingInstances><InstanceFields><InstanceField field="x" column="x"/><InstanceField field="n" column="n"/>\
    <InstanceField field="t" column="t"/></InstanceFields><InlineTable>\
    <row><x>1</x><n>2</n><t>0</t></row><row><x>4</x><n>1</n><t>1</t></row><row><x>2</x><n>7</n><t>1</t></row>\
    </InlineTable></TrainingInstances>
    """

private func mining(_ fields: String...) -> String {
    let fields = fields.map { #"<MiningField name="\#($0)"/>"# }
    return #"<MiningSchema>\#(fields.joined())<MiningField name="t" usageType="target"/></MiningSchema>"#
}

private func clustering(_ measure: String) -> String {
    """
    <ClusteringModel functionName="clustering" modelClass="centerBased" numberOfClusters="2"><MiningSchema>\
    <MiningField name="x"/></MiningSchema><Output><OutputField name="a" feature="affinity"/></Output>\
    <ComparisonMeasure kind="distance">\(measure)</ComparisonMeasure><ClusteringField field="x" fieldWeight="2"/>\
    <Cluster id="1"><Array>4</Array></Cluster><Cluster><Array>7</Array></Cluster></ClusteringModel>
    """
}

private func states(_ parent: String, _ share: String) -> String {
    """
    <DiscreteConditionalProbability><ParentValue parent="t" value="\(parent)"/><ValueProbability value="a" \
    probability="\(share)"/><ValueProbability value="b" probability="\(share == "0.5" ? "0.5" : "0.875")"/>\
    </DiscreteConditionalProbability>
    """
}

private func normal(_ parent: String, _ mean: String) -> String {
    """
    <ContinuousConditionalProbability><ParentValue parent="t" value="\(parent)"/><ContinuousDistribution>\
    <NormalDistributionForBN><Mean><Constant dataType="double">\(mean)</Constant></Mean><Variance><Constant \
    dataType="double">2</Constant></Variance></NormalDistributionForBN></ContinuousDistribution>\
    </ContinuousConditionalProbability>
    """
}

private func baseline(_ test: String, _ content: String, _ field: String) -> String {
    """
    <BaselineModel functionName="regression"><MiningSchema><MiningField name="\(field)"/></MiningSchema>\
    <TestDistributions field="\(field)" testStatistic="\(test)" resetValue="0" windowSize="3">\(content)\
    </TestDistributions></BaselineModel>
    """
}

private func forest(_ method: String, _ trees: [String]) -> String {
    """
    <MiningModel functionName="regression">\(mining("x", "n", "s"))<Segmentation multipleModelMethod="\(method)">\
    \(trees.map { "<Segment weight=\"2\"><True/>\($0)</Segment>" }.joined())</Segmentation></MiningModel>
    """
}

private func tree(_ nodes: String, _ attributes: String = "") -> String {
    """
    <TreeModel functionName="regression" missingValueStrategy="defaultChild" splitCharacteristic="binarySplit" \
    \(attributes)>\(mining("x", "n", "s"))<Node id="0" defaultChild="1"><True/>\(nodes)</Node></TreeModel>
    """
}

private func stump(_ field: String, _ value: String, _ scores: (String, String)) -> String {
    tree(
        """
        <Node id="1" score="\(scores.0)"><SimplePredicate field="\(field)" operator="lessOrEqual" \
        value="\(value)"/></Node><Node id="2" score="\(scores.1)"><SimplePredicate field="\(field)" \
        operator="greaterThan" value="\(value)"/></Node>
        """)
}

private func choice(_ field: String, _ values: String) -> String {
    tree(
        """
        <Node id="1" score="4"><SimpleSetPredicate field="\(field)" booleanOperator="isIn"><Array \
        type="string">\(values)</Array></SimpleSetPredicate></Node><Node id="2" score="8"><SimpleSetPredicate \
        field="\(field)" booleanOperator="isNotIn"><Array type="string">\(values)</Array></SimpleSetPredicate></Node>
        """)
}

/// A tree that answers with probabilities.
private func shares(_ value: String) -> String {
    """
    <TreeModel functionName="classification" noTrueChildStrategy="returnLastPrediction">\(mining("x", "s"))<Node \
    score="0"><True/><ScoreDistribution value="0" recordCount="3"/><ScoreDistribution value="1" recordCount="1"/>\
    <Node score="1"><SimplePredicate field="s" operator="equal" value="\(value)"/><ScoreDistribution value="0" \
    recordCount="1"/><ScoreDistribution value="1" recordCount="4"/></Node></Node></TreeModel>
    """
}

private func neuralInput(_ id: String, _ field: String) -> String {
    """
    <NeuralInput id="\(id)"><DerivedField optype="continuous" dataType="double"><FieldRef field="\(field)"/>\
    </DerivedField></NeuralInput>
    """
}

private func neuralOutput(_ neuron: String, _ value: String) -> String {
    """
    <NeuralOutput outputNeuron="\(neuron)"><DerivedField optype="categorical" dataType="string"><NormDiscrete \
    field="t" value="\(value)"/></DerivedField></NeuralOutput>
    """
}
