using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace DeployOps.Completion;

/// <summary>Completes the kinds of databases this version can open.</summary>
public sealed class DatabaseKindCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        KnownKinds.Databases
            .Where(kind => kind.StartsWith(wordToComplete ?? "", StringComparison.OrdinalIgnoreCase))
            .Select(kind => new CompletionResult(kind));
}
