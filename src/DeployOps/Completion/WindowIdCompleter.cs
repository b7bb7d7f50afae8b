using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using DeployOps.Loading;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps.Completion;

/// <summary>Completes window ids on Tab, newest first, with their state as the tip.</summary>
public sealed class WindowIdCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var pattern = WildcardPattern.Get($"{wordToComplete?.Trim('\'', '"')}*", WildcardOptions.IgnoreCase);
        // Completion is synchronous by contract; the work is on threads of its own and touches no pipeline.
        var windows = Task.Run(() => WindowCatalog.AllAsync(ModuleServices.Ports)).GetAwaiter().GetResult();

        return windows.Windows.Where(window => pattern.IsMatch(window.Id)).Select(window => new CompletionResult(window.Id, window.Id, CompletionResultType.ParameterValue, window.ToString()));
    }
}
