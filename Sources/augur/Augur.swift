import ArgumentParser
import HTTPAPI

/// `augur`: the server, and the commands that talk to one.
@main
struct Augur: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "augur",
        abstract: "Serves PMML models and ONNX networks over HTTP, and swaps them under load.",
        discussion: """
            Start a server with `augur serve`, then deploy a model and score with it:

              augur deploy iris iris.pmml
              augur predict iris Petal_Length=1.4 Petal_Width=0.2
              augur predict cifar10 --image cat.jpg --top 3

            The other commands talk to --url (http://127.0.0.1:8080); `describe`, `validate` and
            `conformance` need no server.
            """,
        version: APIConfiguration().version,
        subcommands: [
            Serve.self, Deploy.self, Undeploy.self, Models.self, Predict.self, Rollback.self, Describe.self,
            Validate.self, RunConformance.self,
        ])
}
