import PMML
import Testing

/// A model of `y` with the algorithm given; `field` is a mining field of `n`, an integer.
private func series(_ algorithm: String, field: String = "") -> [UInt8] {
    document(
        """
        <TimeSeriesModel functionName="timeSeries"><MiningSchema>\(field)
        <MiningField name="y" usageType="target"/></MiningSchema>
        <Output><OutputField name="low" feature="confidenceIntervalLower" dataType="double"/>
        <OutputField name="sd" feature="standardError" dataType="double"/></Output>
        \(algorithm)</TimeSeriesModel>
        """, fields: #"<DataField name="n" optype="continuous" dataType="integer"/>"#)
}

private let steps = #"<MiningField name="n" usageType="supplementary"/>"#
private let time = #"<MiningField name="n" usageType="order"/>"#

private func observations(_ values: [Double], from first: Int = 1) -> String {
    "<TimeSeries usage=\"original\">"
        + values.enumerated().map { #"<TimeValue index="\#($0 + first)" value="\#($1)"/>"# }.joined()
        + "</TimeSeries>"
}

private func forecast(_ bytes: [UInt8], _ n: String?) throws -> [String: ResultValue] {
    try answer(try Evaluator.load(bytes), ["n": n])
}

private func number(_ value: ResultValue?) -> Double {
    if case .double(let number) = value { return number }
    return .nan
}

@Suite struct `Time series` {
    @Test(arguments: [
        ("<Level smoothedValue=\"10\"/>", 10.0, 10.0),
        (#"<Level smoothedValue="10"/><Trend_ExpoSmooth trend="additive" smoothedValue="2"/>"#, 12, 16),
        (
            #"<Level smoothedValue="10"/><Trend_ExpoSmooth trend="damped_additive" phi="0.5" smoothedValue="2"/>"#,
            11, 11.75
        ),
        (#"<Level smoothedValue="10"/><Trend_ExpoSmooth trend="multiplicative" smoothedValue="2"/>"#, 20, 80),
        // Brown: a line and a parabola through level and trend.
        (
            #"<Level alpha="0.5" smoothedValue="10" quadraticSmoothedValue="8"/>"#
                + #"<Trend_ExpoSmooth trend="polynomial_exponential"/>"#, 14, 18
        ),
        (
            #"<Level smoothedValue="10"/><Seasonality_ExpoSmooth type="additive" period="2"><Array>1 -1</Array>"#
                + "</Seasonality_ExpoSmooth>", 11, 11
        ),
        (
            #"<Level smoothedValue="10"/><Seasonality_ExpoSmooth type="multiplicative" period="2" phase="1">"#
                + "<Array>1.5 0.5</Array></Seasonality_ExpoSmooth>", 5, 5
        ),
    ])
    func `Exponential smoothing carries level, trend and season on`(
        parts: String, first: Double, third: Double
    ) throws {
        let model = series("<ExponentialSmoothing>\(parts)</ExponentialSmoothing>", field: steps)
        #expect(try forecast(model, "1")["y"] == .double(first))
        #expect(try forecast(model, nil)["y"] == .double(first))
        #expect(try forecast(model, "3")["y"] == .double(third))
    }

    @Test func `A time counts from the last observation`() throws {
        let model = series(
            observations([5, 6], from: 41)
                + #"<ExponentialSmoothing><Level smoothedValue="10"/><Trend_ExpoSmooth smoothedValue="2"/>"#
                + "</ExponentialSmoothing>", field: time)
        #expect(try forecast(model, "43")["y"] == .double(12))
        #expect(try forecast(model, "45")["y"] == .double(16))
        #expect(throws: EvaluationError.self) { try forecast(model, "42") }
    }

    @Test func `A random walk on the logarithmic scale has an interval around its last value`() throws {
        let model = series(
            observations([1, 100])
                + #"<ARIMA RMSE="0.1" transformation="logarithmic">"#
                + #"<NonseasonalComponent p="0" d="1" q="0"/></ARIMA>"#, field: steps)
        let found = try forecast(model, "4")
        #expect(abs(number(found["y"]) - 100) < 1e-10)
        // exp(log 100 - 1.96 * 0.1 * sqrt 4); a deviation on the original scale does not follow.
        #expect(abs(number(found["low"]) - 67.57) < 0.005)
        #expect(found["sd"] == .missing)
    }

    @Test func `Residuals of the document go before those of the series`() throws {
        let arima =
            #"<ARIMA constantTerm="3"><NonseasonalComponent q="1"><MA><MACoefficients><Array>0.5</Array>"#
        let given =
            "</MACoefficients><Residuals><Array>-4</Array></Residuals></MA></NonseasonalComponent></ARIMA>"
        let own = "</MACoefficients></MA></NonseasonalComponent></ARIMA>"
        // 3 - 0.5 * -4, and 3 - 0.5 * (7 - 3 + 0.5 * (5 - 3)).
        #expect(try forecast(series(arima + given), nil)["y"] == .double(5))
        #expect(try forecast(series(observations([5, 7]) + arima + own), nil)["y"] == .double(0.5))
    }

    @Test(arguments: ["0", "-1", "100001", "1.5", "2147483647", "x"])
    func `A horizon out of bounds is an error of the row`(n: String) {
        let model = series(
            #"<ExponentialSmoothing><Level smoothedValue="1"/></ExponentialSmoothing>"#, field: steps)
        #expect(throws: EvaluationError.self) { try forecast(model, n) }
    }

    @Test func `A forecast that overflows is an error of the row`() {
        let model = series(
            #"<ExponentialSmoothing><Level smoothedValue="1"/>"#
                + #"<Trend_ExpoSmooth trend="multiplicative" smoothedValue="1e9"/></ExponentialSmoothing>"#,
            field: steps)
        #expect(throws: EvaluationError.self) { try forecast(model, "1000") }
    }

    @Test(arguments: [
        "", "<GARCH/>", "<ExponentialSmoothing/>",
        #"<ExponentialSmoothing><Level smoothedValue="NaN"/></ExponentialSmoothing>"#,
        #"<ExponentialSmoothing><Level smoothedValue="1"/><Trend_ExpoSmooth smoothedValue="1" phi="2"/>"#
            + "</ExponentialSmoothing>",
        #"<ExponentialSmoothing><Level smoothedValue="1"/><Seasonality_ExpoSmooth type="additive" period="-3">"#
            + "<Array>1 2</Array></Seasonality_ExpoSmooth></ExponentialSmoothing>",
        #"<ExponentialSmoothing><Level smoothedValue="1"/><Seasonality_ExpoSmooth type="additive" period="2" "#
            + #"phase="9"><Array>1 2</Array></Seasonality_ExpoSmooth></ExponentialSmoothing>"#,
        #"<ExponentialSmoothing><Level smoothedValue="1"/><Seasonality_ExpoSmooth type="additive"><Array/>"#
            + "</Seasonality_ExpoSmooth></ExponentialSmoothing>",
        #"<ARIMA><NonseasonalComponent p="1" d="1" q="0"><AR><Array>0.5</Array></AR></NonseasonalComponent>"#
            + "</ARIMA>" + observations([1]),
        #"<ARIMA><NonseasonalComponent p="2"><AR><Array>0.5</Array></AR></NonseasonalComponent></ARIMA>"#
            + observations([1, 2, 3]),
        #"<ARIMA><NonseasonalComponent d="-1"/></ARIMA>"#,
        #"<ARIMA><NonseasonalComponent d="2000000000"/></ARIMA>"#,
        #"<ARIMA><SeasonalComponent D="4" period="1000000000"/></ARIMA>"#,
        #"<ARIMA RMSE="-1"><NonseasonalComponent/></ARIMA>"#,
        #"<ARIMA transformation="logarithmic"><NonseasonalComponent d="1"/></ARIMA>"#
            + observations([1, -2]),
        #"<ARIMA predictionMethod="exactLeastSquares"><NonseasonalComponent q="1"><MA><MACoefficients>"#
            + "<Array>0.5</Array></MACoefficients></MA></NonseasonalComponent></ARIMA>"
            + observations([1, 2]),
        #"<TimeSeries><TimeValue index="1" value="1"/><TimeValue index="3" value="1"/></TimeSeries>"#
            + #"<ARIMA><NonseasonalComponent d="1"/></ARIMA>"#,
    ])
    func `A document that cannot be forecast is refused`(content: String) {
        #expect(throws: PMMLError.self) { try Evaluator.load(series(content)) }
    }
}
