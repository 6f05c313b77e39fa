import PMML
import Testing

/// One small document of each kind of model that the reference lacks (`ModelUnit.ownModels`).
private let documents: [(kind: String, body: String)] = [
    (
        "iforest",
        """
        <AnomalyDetectionModel functionName="regression" algorithmType="iforest" sampleDataSize="8">
        <MiningSchema><MiningField name="x"/></MiningSchema><MiningModel functionName="regression">
        <MiningSchema><MiningField name="x"/></MiningSchema><Segmentation multipleModelMethod="average"><Segment>
        <True/><TreeModel functionName="regression"><MiningSchema><MiningField name="x"/></MiningSchema>
        <Node score="2"><True/></Node></TreeModel></Segment></Segmentation></MiningModel></AnomalyDetectionModel>
        """
    ),
    (
        "cluster",
        """
        <AnomalyDetectionModel functionName="regression" algorithmType="clusterMeanDist">
        <MiningSchema><MiningField name="x"/></MiningSchema><ClusteringModel functionName="clustering"
        modelClass="centerBased" numberOfClusters="1"><MiningSchema><MiningField name="x"/></MiningSchema>
        <ComparisonMeasure kind="distance"><euclidean/></ComparisonMeasure>
        <ClusteringField field="x" fieldWeight="2"/><Cluster><Array>4</Array></Cluster></ClusteringModel>
        <MeanClusterDistances><Array>3</Array></MeanClusterDistances></AnomalyDetectionModel>
        """
    ),
    (
        "process",
        """
        <GaussianProcessModel functionName="regression"><MiningSchema><MiningField name="x"/>
        <MiningField name="y" usageType="target"/></MiningSchema><Output>
        <OutputField name="sd" feature="standardDeviation"/>
        <OutputField name="low" feature="confidenceIntervalLower" value="90"/></Output>
        <GeneralizedExponentialKernel gamma="2" noiseVariance="0.5" degree="1.5"><Lambda><Array>3</Array></Lambda>
        </GeneralizedExponentialKernel><TrainingInstances><InstanceFields><InstanceField field="x"/>
        <InstanceField field="y"/></InstanceFields><InlineTable><row><x>1</x><y>2</y></row>
        <row><x>4</x><y>5</y></row></InlineTable></TrainingInstances></GaussianProcessModel>
        """
    ),
    (
        "network",
        """
        <BayesianNetworkModel functionName="regression"><MiningSchema><MiningField name="t"/>
        <MiningField name="x"/><MiningField name="y" usageType="target"/></MiningSchema>
        <Output><OutputField name="sd" feature="standardDeviation"/></Output><BayesianNetworkNodes>
        <DiscreteNode name="t"><ValueProbability value="a" probability="0.25"/>
        <ValueProbability value="b" probability="0.75"/></DiscreteNode>
        <ContinuousNode name="y"><ContinuousConditionalProbability><ParentValue parent="t" value="a"/>
        <ContinuousDistribution><NormalDistributionForBN><Mean><Constant dataType="double">1</Constant></Mean>
        <Variance><Constant dataType="double">2</Constant></Variance></NormalDistributionForBN>
        </ContinuousDistribution></ContinuousConditionalProbability><ContinuousConditionalProbability>
        <ParentValue parent="t" value="b"/><ContinuousDistribution><NormalDistributionForBN>
        <Mean><Constant dataType="double">3</Constant></Mean>
        <Variance><Constant dataType="double">4</Constant></Variance></NormalDistributionForBN>
        </ContinuousDistribution></ContinuousConditionalProbability></ContinuousNode>
        <ContinuousNode name="x"><ContinuousDistribution><NormalDistributionForBN>
        <Mean><Apply function="*"><Constant dataType="double">2</Constant><FieldRef field="y"/></Apply></Mean>
        <Variance><Constant dataType="double">5</Constant></Variance></NormalDistributionForBN>
        </ContinuousDistribution></ContinuousNode></BayesianNetworkNodes></BayesianNetworkModel>
        """
    ),
    (
        "cusum",
        """
        <BaselineModel functionName="regression"><MiningSchema><MiningField name="x"/></MiningSchema>
        <TestDistributions field="x" testStatistic="CUSUM" resetValue="0" windowSize="3"><Baseline>
        <GaussianDistribution mean="1" variance="2"/></Baseline><Alternate>
        <UniformDistribution lower="0" upper="9"/></Alternate></TestDistributions></BaselineModel>
        """
    ),
    (
        "counts",
        """
        <BaselineModel functionName="regression"><MiningSchema><MiningField name="t"/></MiningSchema>
        <TestDistributions field="t" testStatistic="chiSquareDistribution"><Baseline><CountTable>
        <FieldValueCount field="t" value="a" count="5"/><FieldValueCount field="t" value="b" count="7"/>
        </CountTable></Baseline></TestDistributions></BaselineModel>
        """
    ),
    (
        "smoothing",
        """
        <TimeSeriesModel functionName="timeSeries"><MiningSchema><MiningField name="n" usageType="supplementary"/>
        <MiningField name="y" usageType="target"/></MiningSchema><ExponentialSmoothing>
        <Level alpha="0.5" smoothedValue="10"/>
        <Trend_ExpoSmooth trend="damped_multiplicative" phi="0.5" smoothedValue="1.5"/>
        <Seasonality_ExpoSmooth type="multiplicative" period="2" phase="1"><Array>1 2</Array>
        </Seasonality_ExpoSmooth></ExponentialSmoothing></TimeSeriesModel>
        """
    ),
    (
        "arima",
        """
        <TimeSeriesModel functionName="timeSeries"><MiningSchema><MiningField name="n" usageType="order"/>
        <MiningField name="y" usageType="target"/></MiningSchema>
        <Output><OutputField name="sd" feature="standardError"/></Output>
        <TimeSeries><TimeValue index="1" value="2"/><TimeValue index="2" value="3"/>
        <TimeValue index="3" value="5"/><TimeValue index="4" value="4"/></TimeSeries>
        <ARIMA RMSE="2" constantTerm="1"><NonseasonalComponent p="1" d="1" q="1"><AR><Array>0.5</Array></AR><MA>
        <MACoefficients><Array>0.25</Array></MACoefficients><Residuals><Array>0.125</Array></Residuals></MA>
        </NonseasonalComponent><SeasonalComponent P="0" D="1" Q="0" period="2"/></ARIMA></TimeSeriesModel>
        """
    ),
    (
        "text",
        """
        <TextModel functionName="clustering" numberOfTerms="2" numberOfDocuments="2"><MiningSchema>
        <MiningField name="t"/></MiningSchema><Output><OutputField name="first" feature="affinity" value="d"/>
        </Output><TextDictionary><Array>a b</Array></TextDictionary><TextCorpus><TextDocument id="d"/>
        <TextDocument id="e"/></TextCorpus><DocumentTermMatrix><Matrix nbRows="2" nbCols="2" offDiagDefault="4">
        <MatCell row="1" col="2">3</MatCell></Matrix></DocumentTermMatrix></TextModel>
        """
    ),
    (
        "sequence",
        """
        <SequenceModel functionName="sequences" timeWindowWidth="0"><MiningSchema>
        <MiningField name="n" usageType="order"/><MiningField name="t"/></MiningSchema>
        <Output><OutputField name="rule" feature="ruleId" algorithm="recommendation"/>
        <OutputField name="sure" feature="confidence" algorithm="recommendation"/></Output>
        <Item id="i" value="a"/><Itemset id="s"><ItemRef itemRef="i"/></Itemset><Sequence id="q">
        <SetReference setId="s"/></Sequence><SequenceRule id="r" confidence="0.5" support="0.25">
        <AntecedentSequence><SequenceReference seqId="q"/></AntecedentSequence>
        <Delimiter delimiter="acrossTimeWindows" gap="true"/><Time min="1" max="2"/>
        <ConsequentSequence><SequenceReference seqId="q"/></ConsequentSequence></SequenceRule></SequenceModel>
        """
    ),
]

private let numbers = [
    "-1", "0", "1", "7", "1e308", "-1e308", "1e-308", "NaN", "INF", "-INF", "2147483648", "9e18", "", "x",
    "1 2 3",
]

/// Where numbers stand in a document: the ranges of runs of digits and points after `"`, `>` or a space.
private func places(_ text: String) -> [Range<String.Index>] {
    var found: [Range<String.Index>] = []
    var at = text.startIndex
    while at < text.endIndex {
        guard text[at].isNumber else {
            at = text.index(after: at)
            continue
        }
        var end = at
        while end < text.endIndex, text[end].isNumber || text[end] == "." { end = text.index(after: end) }
        if at > text.startIndex, "\"> ".contains(text[text.index(before: at)]) { found.append(at..<end) }
        at = end
    }
    return found
}

private func isFinite(_ value: ResultValue) -> Bool {
    switch value {
    case .double(let number): number.isFinite
    case .float(let number): number.isFinite
    case .missing, .integer, .boolean, .text: true
    case .list(let values): values.allSatisfy(isFinite)
    }
}

@Suite struct `Hostile numbers` {
    /// Each number of each document in turn becomes each hostile one: the document is refused, the row is an
    /// error, or the answer's numbers are finite.
    @Test(arguments: documents.indices)
    func `No number in a document of our own kinds makes an answer that is none`(index: Int) throws {
        let (kind, body) = documents[index]
        let fields = #"<DataField name="n" optype="continuous" dataType="integer"/>"#
        let inputs = [
            ["x": "3", "t": "a", "n": "5"], ["x": "1e308", "t": "a", "n": "9"], ["t": "b a a", "n": "1"],
        ]
        #expect(throws: Never.self, "\(kind)") { try Evaluator.load(document(body, fields: fields)) }
        var loaded = 0
        for place in places(body) {
            for number in numbers {
                let hostile = body.replacingCharacters(in: place, with: number)
                guard let evaluator = try? Evaluator.load(document(hostile, fields: fields)) else { continue }
                loaded += 1
                for input in inputs {
                    guard let found = try? answer(evaluator, input) else { continue }
                    #expect(
                        found.values.allSatisfy(isFinite), "\(kind): \(body[place]) as \(number): \(found)")
                }
            }
        }
        #expect(loaded > 0)
    }
}

/// A mining schema of x, invalid or not, and a target.
private func schema(_ target: String) -> String {
    """
    <MiningSchema><MiningField name="x" invalidValueTreatment="asIs"/>
    <MiningField name="\(target)" usageType="target"/></MiningSchema>
    """
}

private func shares(_ attribute: String, _ a: String, _ b: String) -> String {
    """
    <TreeModel functionName="classification">\(schema("t"))
    <Output><OutputField name="p" feature="probability" value="a"/></Output><Node score="a"><True/>
    <ScoreDistribution value="a" \(attribute)="\(a)"/>
    <ScoreDistribution value="b" \(attribute)="\(b)"/></Node></TreeModel>
    """
}

private func ensemble(_ method: String, _ weight: String) -> String {
    let segments = ["0.25", "0.5"].map { share in
        """
        <Segment weight="\(weight)"><True/><TreeModel functionName="classification">\(schema("t"))
        <Node score="a"><True/><ScoreDistribution value="a" recordCount="1" probability="\(share)"/>
        <ScoreDistribution value="b" recordCount="1" probability="0.5"/></Node></TreeModel></Segment>
        """
    }
    return """
        <MiningModel functionName="classification">\(schema("t"))
        <Output><OutputField name="p" feature="probability" value="a"/></Output>
        <Segmentation multipleModelMethod="\(method)">\(segments.joined())</Segmentation></MiningModel>
        """
}

private func regression(_ intercept: String, _ coefficient: String) -> String {
    """
    <RegressionModel functionName="regression">\(schema("y"))<RegressionTable intercept="\(intercept)">
    <NumericPredictor name="x" coefficient="\(coefficient)"/></RegressionTable></RegressionModel>
    """
}

/// A machine whose kernels are the squares of 1e200 and -1e200.
private let machine = """
    <SupportVectorMachineModel functionName="regression">\(schema("y"))
    <PolynomialKernelType gamma="1" coef0="0" degree="2"/><VectorDictionary><VectorFields><FieldRef field="x"/>
    </VectorFields><VectorInstance id="a"><Array>1e200</Array></VectorInstance>
    <VectorInstance id="b"><Array>-1e200</Array></VectorInstance></VectorDictionary><SupportVectorMachine>
    <SupportVectors><SupportVector vectorId="a"/><SupportVector vectorId="b"/></SupportVectors>
    <Coefficients><Coefficient value="1"/><Coefficient value="-1"/></Coefficients></SupportVectorMachine>
    </SupportVectorMachineModel>
    """

/// Tables by x and by 1, and how they become shares.
private func shares(by normalisation: String) -> String {
    """
    <RegressionModel functionName="classification" normalizationMethod="\(normalisation)">\(schema("t"))
    <Output><OutputField name="p" feature="probability" value="a"/></Output>
    <RegressionTable intercept="0" targetCategory="a"><NumericPredictor name="x" coefficient="2"/>
    </RegressionTable><RegressionTable intercept="1" targetCategory="b"/></RegressionModel>
    """
}

private func target(_ treatment: String) -> String {
    """
    <RegressionModel functionName="regression">\(schema("y"))<Targets><Target field="y" \(treatment)/></Targets>
    <RegressionTable intercept="1"><NumericPredictor name="x" coefficient="2"/></RegressionTable>
    </RegressionModel>
    """
}

/// One neuron over x.
private let network = """
    <NeuralNetwork functionName="regression" activationFunction="rectifier">\(schema("y"))<NeuralInputs>
    <NeuralInput id="0"><DerivedField optype="continuous" dataType="double"><FieldRef field="x"/></DerivedField>
    </NeuralInput></NeuralInputs><NeuralLayer><Neuron id="1" bias="1"><Con from="0" weight="2"/></Neuron>
    </NeuralLayer><NeuralOutputs><NeuralOutput outputNeuron="1"><DerivedField optype="continuous"
    dataType="double"><FieldRef field="y"/></DerivedField></NeuralOutput></NeuralOutputs></NeuralNetwork>
    """

private let clusters = """
    <ClusteringModel functionName="clustering" modelClass="centerBased" numberOfClusters="1"><MiningSchema>
    <MiningField name="x" invalidValueTreatment="asIs"/></MiningSchema>
    <Output><OutputField name="p" feature="affinity"/></Output>
    <ComparisonMeasure kind="distance"><chebychev/></ComparisonMeasure><ClusteringField field="x"/>
    <Cluster id="1"><Array>0</Array></Cluster></ClusteringModel>
    """

/// Bodies, values of x, and the output p or else the target y; nil where the row has an undefined result.
private let references: [(body: String, x: String, expected: Double?)] = [
    (regression("1", "2"), "NaN", .nan), (regression("1", "2"), "INF", .infinity),
    (regression("1", "2"), "-Infinity", -.infinity), (regression("1", "NaN"), "1", .nan),
    (regression("INF", "1"), "1", .infinity), (machine, "1", .nan), (machine, "1e200", .nan),
    (machine, "0", 0), (shares(by: "simplemax"), "INF", .nan),
    (shares(by: "softmax"), "INF", 1), (shares(by: "softmax"), "-INF", 0), (shares(by: "none"), "NaN", .nan),
    (target("castInteger=\"round\""), "NaN", 0), (target("castInteger=\"floor\""), "NaN", .nan),
    (target("castInteger=\"round\""), "INF", 0x1p63), (target("min=\"0\" max=\"5\""), "NaN", .nan),
    (network, "NaN", .nan), (network, "-1", 0), (clusters, "NaN", .nan),
    (shares("recordCount", "0", "0"), "1", nil),
    (shares("recordCount", "-1", "1"), "1", nil), (shares("probability", "0", "0"), "1", nil),
    (shares("probability", "0.5", "0.5"), "1", 0.5), (ensemble("weightedAverage", "0"), "1", nil),
    (ensemble("weightedMajorityVote", "0"), "1", nil), (ensemble("average", "0"), "1", 0.375),
]

@Suite struct `Answers that are no numbers` {
    /// As JPMML-Evaluator 1.7.7 answers; neighbours are in `Nearest neighbours`.
    @Test(arguments: references)
    func `The kinds that JPMML has answer as it does`(body: String, x: String, expected: Double?) throws {
        let evaluator = try Evaluator.load(document(body))
        var row = Row(count: evaluator.slotCount)
        if let slot = evaluator.slot(of: "x") { row.values[slot] = .text(x) }
        let answers = [
            Result { try evaluator.evaluateGenerally(row) }, Result { try evaluator.evaluate(row) },
            evaluator.evaluate(batch: [row, row])[1].mapError { $0 as any Error },
        ]
        for answer in answers {
            switch answer {
            case .success(let results):
                guard let expected, case .double(let number)? = results["p"] ?? results["y"] else {
                    Issue.record("\(results.fields)")
                    continue
                }
                #expect(number == expected || (number.isNaN && expected.isNaN))
            case .failure(let error):
                #expect(expected == nil && (error as? EvaluationError)?.kind == .undefinedResult, "\(error)")
            }
        }
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
