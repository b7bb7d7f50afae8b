using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace DeployOps.Host;

/// <summary>
/// Shows what a script says and asks what it needs to know. Results and information go to standard output; errors, warnings,
/// verbose and debug text to standard error, so that a pipe carries results alone.
/// </summary>
internal sealed class RunbookUserInterface(Terminal terminal, Prompter prompter) : PSHostUserInterface
{
    private const string Yellow = "\u001b[33;1m";
    private const string Reset = "\u001b[0m";

    /// <inheritdoc/>
    public override PSHostRawUserInterface RawUI { get; } = new RunbookRawUserInterface(terminal);

    /// <inheritdoc/>
    public override bool SupportsVirtualTerminal => terminal.OutputHasColour;

    /// <inheritdoc/>
    public override void Write(string value) => terminal.Write(Shown(value));

    /// <inheritdoc/>
    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => terminal.Write(
        terminal.OutputHasColour ? PSStyle.MapForegroundColorToEscapeSequence(foregroundColor) + value + Reset : value);

    /// <inheritdoc/>
    public override void WriteLine(string value) => terminal.Write(Shown(value) + Environment.NewLine);

    /// <inheritdoc/>
    public override void WriteErrorLine(string value) => terminal.WriteError(GetOutputString(value, terminal.ErrorHasColour) + Environment.NewLine);

    /// <inheritdoc/>
    public override void WriteWarningLine(string message) => WriteNotice("warning", message);

    /// <inheritdoc/>
    public override void WriteVerboseLine(string message) => WriteNotice("verbose", message);

    /// <inheritdoc/>
    public override void WriteDebugLine(string message) => WriteNotice("debug", message);

    /// <inheritdoc/>
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        if (record.RecordType == ProgressRecordType.Completed)
        {
            terminal.EndProgress(record.ActivityId);
        }
        else
        {
            terminal.ShowProgress(record.ActivityId, ProgressText.Format(record));
        }
    }

    /// <inheritdoc/>
    public override string ReadLine() => prompter.ReadLine();

    /// <inheritdoc/>
    public override SecureString ReadLineAsSecureString() => prompter.ReadSecret();

    /// <inheritdoc/>
    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        prompter.Ask(caption, message, descriptions);

    /// <inheritdoc/>
    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        prompter.Choose(caption, message, choices, defaultChoice);

    /// <inheritdoc/>
    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        prompter.AskCredential(caption, message, userName);

    /// <inheritdoc/>
    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options) => prompter.AskCredential(caption, message, userName);

    // A pipe, a file and NO_COLOR get no escape codes, whoever wrote them.
    private string Shown(string value) => GetOutputString(value, terminal.OutputHasColour);

    private void WriteNotice(string kind, string message)
    {
        var text = GetOutputString(message, terminal.ErrorHasColour);
        terminal.WriteError(terminal.ErrorHasColour
            ? $"{Yellow}{kind}: {text}{Reset}{Environment.NewLine}"
            : $"{kind}: {text}{Environment.NewLine}");
    }
}
