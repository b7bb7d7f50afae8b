using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;

namespace DeployOps.Tests.Support;

/// <summary>The screen and the keyboard of a <see cref="RecordingHost"/>.</summary>
internal sealed class RecordingUserInterface(string? choice, string? line, Func<Exception>? unattended) : PSHostUserInterface
{
    private readonly StringBuilder _text = new();
    private readonly List<string> _questions = [];

    public string Text => _text.ToString();

    public IReadOnlyList<string> Questions => _questions;

    public override PSHostRawUserInterface RawUI { get; } = new RecordingScreen();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw Unattended();

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        _questions.Add(message);
        return choice is null ? throw Unattended()
            : choice == RecordingHost.Enter ? defaultChoice
            : choices.Select(offered => offered.Label.Replace("&", "", StringComparison.Ordinal)).ToList().IndexOf(choice);
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw Unattended();

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw Unattended();

    public override string ReadLine() => line ?? throw Unattended();

    public override SecureString ReadLineAsSecureString() => throw Unattended();

    public override void Write(string value) => _text.Append(value);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => _text.Append(value).Append('\n');

    public override void WriteErrorLine(string value) => WriteLine(value);

    public override void WriteDebugLine(string message) => WriteLine(message);

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    public override void WriteVerboseLine(string message) => WriteLine(message);

    public override void WriteWarningLine(string message) => WriteLine(message);

    // What the engine's own hosts throw where standard input is no terminal.
    private Exception Unattended() => unattended?.Invoke() ?? new HostException("Nobody is here to answer.");
}
