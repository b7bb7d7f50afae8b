using System.Management.Automation;

namespace DeployOps.Tests.Support;

/// <summary>All that a script left behind.</summary>
internal sealed record EngineResult(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<ProgressRecord> Progress,
    Exception? Exception)
{
    /// <summary>Every error in order; last the one that ended the script.</summary>
    public IReadOnlyList<ErrorRecord> Faults => Exception is IContainsErrorRecord { ErrorRecord: { } record } ? [.. Errors, record] : Errors;

    /// <summary>The ids of all errors, in full.</summary>
    public IReadOnlyList<string> ErrorIds => [.. Faults.Select(fault => fault.FullyQualifiedErrorId)];

    /// <summary>The only output.</summary>
    public PSObject Single => Output.ShouldHaveSingleItem();

    /// <summary>Fails with the errors' texts where there are any.</summary>
    public EngineResult Clean()
    {
        string.Join('\n', Faults.Select(fault => $"{fault.FullyQualifiedErrorId}: {fault}")).ShouldBeEmpty();
        Exception.ShouldBeNull();
        return this;
    }

    /// <summary>The only output's property as text.</summary>
    public string? Text(string property) => Single.Properties[property]?.Value?.ToString();
}
