using System.Text;
using DeployOps.Journal;
using DeployOps.Phases;

namespace DeployOps.Checks;

/// <summary>Writes checks to a file, for whoever reads test reports. Known secrets are taken out.</summary>
/// <param name="ports">What is outside.</param>
/// <param name="path">The full path of the file. One that DeployOps wrote as such is replaced.</param>
/// <param name="format">What it is written as.</param>
public sealed class CheckExport(Ports ports, string path, CheckFormat format)
{
    private const int LongestHead = 200;

    private readonly List<CheckCase> cases = [];

    /// <summary>What is in the file, or would be.</summary>
    public CheckFile Planned => Told(PhaseOutcome.Planned);

    /// <summary>Takes the checks of what a cmdlet emitted.</summary>
    /// <exception cref="DeployOpsException"><c>CheckKindUnknown</c>.</exception>
    public void Add(object value) => cases.AddRange(CheckCases.Of(value).Select(Redacted));

    /// <summary>Refuses a place where something else would be lost.</summary>
    /// <param name="force">True where any file may be replaced.</param>
    /// <exception cref="DeployOpsException"><c>CheckFileOverAnother</c>.</exception>
    public void RequirePlace(bool force)
    {
        if (!force && File.Exists(path) && !IsOurs())
        {
            throw new DeployOpsException(
                "CheckFileOverAnother", FaultKind.InvalidOperation, $"{path} exists and is not a file of checks that DeployOps wrote.", "Name another file, or replace it with -Force.")
            { Target = path };
        }
    }

    /// <summary>Writes all checks that were taken until now.</summary>
    /// <exception cref="DeployOpsException"><c>CheckFileNotWritten</c>.</exception>
    public CheckFile Write()
    {
        try
        {
            DurableFile.Replace(path, format == CheckFormat.JUnit ? JUnitPage.Render(cases, ports.TimeProvider.GetUtcNow()) : TapPage.Render(cases));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException("CheckFileNotWritten", FaultKind.Failed, $"The checks could not be written to {path}: {e.Message}", "Name a file in a folder that exists and that this account may write.", e) { Target = path };
        }

        return Told(PhaseOutcome.Succeeded);
    }

    private CheckFile Told(PhaseOutcome outcome) => new(outcome, path, format, cases.Count, cases.Count(one => one.State is CheckState.Failed or CheckState.Error));

    private CheckCase Redacted(CheckCase one) => new(Redact(one.Suite), Redact(one.Group), Redact(one.Name), one.State) { Message = Redact(one.Message), Details = Redact(one.Details), Duration = one.Duration };

    private string Redact(string text) => ports.Redactor.Redact(text);

    // What cannot be read is not known to be one.
    private bool IsOurs()
    {
        try
        {
            using var reader = new StreamReader(path, Encoding.UTF8);
            var head = new char[LongestHead];
            ReadOnlySpan<char> read = head.AsSpan(0, reader.ReadBlock(head));
            return read.Contains(JUnitPage.Generator, StringComparison.Ordinal) || read.StartsWith(TapPage.Generator, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
