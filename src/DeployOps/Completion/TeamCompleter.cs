using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using DeployOps.Windows;

namespace DeployOps.Completion;

/// <summary>Completes the roles that may be filled beside the plan, each as a table of one.</summary>
public sealed class TeamCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        StartRequest.Roles
            .Where(role => role.StartsWith(wordToComplete ?? "", StringComparison.OrdinalIgnoreCase))
            .Select(role => new CompletionResult($"@{{ {role} = '' }}", role, CompletionResultType.ParameterValue, $"Who is {role} of this window."));
}
