import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jpmml.evaluator.Evaluator;
import org.jpmml.evaluator.EvaluatorUtil;
import org.jpmml.evaluator.FieldValue;
import org.jpmml.evaluator.InputField;
import org.jpmml.evaluator.LoadingModelEvaluatorBuilder;
import org.jpmml.evaluator.visitors.ModelEvaluatorVisitorBattery;
import org.jpmml.transpiler.InMemoryTranspiler;
import org.jpmml.transpiler.TranspilerTransformer;

/**
 * Scores a corpus case with JPMML-Evaluator on one thread.
 *
 * <pre>java -cp JARS Peer.java FOLDER MODEL ROWS WARM</pre>
 *
 * MODEL is how the model is loaded: plain, interned (equal elements shared) or transpiled (to Java classes).
 * ROWS is how a row is handed over: map (typed values, which the evaluator prepares as it meets them) or
 * prepared (each value prepared by its field, in the time measured). Results are decoded. After WARM seconds
 * it prints "ready", then for each line of standard input, a number of seconds, the rows a second of
 * processor time, the collector's included, and a line with a dot.
 */
public class Peer {
    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    /** Rows between two looks at the clock, at least: a look costs as much as a small row. */
    private static final int CHUNK = 1000;
    /** Where results go, so that none is left out. */
    private static Object kept;

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Evaluator evaluator = load(folder.resolve("model.pmml").toFile(), arguments[1]);
        List<Map<String, Object>> rows = rows(folder, evaluator);
        Function<Map<String, Object>, Object> form =
            arguments[2].equals("map") ? row -> decoded(evaluator, row) : preparing(evaluator);
        rate(rows, form, Double.parseDouble(arguments[3]));
        System.out.println("ready");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine())
            System.out.printf("%.0f%n.%n", rate(rows, form, Double.parseDouble(line)));
    }

    private static Evaluator load(File file, String model) throws Exception {
        LoadingModelEvaluatorBuilder builder = new LoadingModelEvaluatorBuilder();
        builder.setVisitors(new ModelEvaluatorVisitorBattery(!model.equals("plain"))).load(file);
        if (model.equals("transpiled"))
            builder.transform(new TranspilerTransformer(new InMemoryTranspiler(null)));
        return builder.build();
    }

    private static Object decoded(Evaluator evaluator, Map<String, ?> row) {
        return EvaluatorUtil.decodeAll(evaluator.evaluate(row));
    }

    private static Function<Map<String, Object>, Object> preparing(Evaluator evaluator) {
        List<InputField> fields = evaluator.getInputFields();
        return row -> {
            Map<String, FieldValue> prepared = new LinkedHashMap<>();
            for (InputField field : fields)
                prepared.put(field.getName(), field.prepare(row.get(field.getName())));
            return decoded(evaluator, prepared);
        };
    }

    /** The rows without gaps that have an answer, their values of the fields' own types. */
    private static List<Map<String, Object>> rows(Path folder, Evaluator evaluator) throws Exception {
        Map<String, InputField> fields = new HashMap<>();
        for (InputField field : evaluator.getInputFields()) fields.put(field.getName(), field);
        List<String> lines = Files.readAllLines(folder.resolve("input.csv"));
        List<String> expected = Files.readAllLines(folder.resolve("expected.jsonl"));
        String[] names = lines.get(0).split(",");
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int index = 1; index < lines.size() && index <= expected.size(); index++) {
            String[] cells = lines.get(index).split(",", -1);
            if (!expected.get(index - 1).startsWith("{\"results\"") || cells.length != names.length) continue;
            try {
                Map<String, Object> row = new HashMap<>();
                for (int i = 0; i < names.length; i++) {
                    InputField field = fields.get(names[i]);
                    Object number = Double.valueOf(cells[i]);
                    row.put(names[i], field == null ? number : field.prepare(cells[i]).getValue());
                }
                rows.add(row);
            } catch (NumberFormatException e) {
                continue;
            }
        }
        return rows;
    }

    private static double rate(
        List<Map<String, Object>> rows, Function<Map<String, Object>, Object> form, double seconds) {
        long start = SYSTEM.getProcessCpuTime(), count = 0;
        double spent;
        do {
            long end = count + CHUNK;
            for (; count < end; count += rows.size())
                for (Map<String, Object> row : rows) kept = form.apply(row);
            spent = (SYSTEM.getProcessCpuTime() - start) * 1e-9;
        } while (spent < seconds);
        return count / spent;
    }
}
