using System.Globalization;
using System.Management.Automation.Host;
using System.Text.RegularExpressions;

namespace DeployOps.Tests.Support;

/// <summary>A host that keeps what it shows, and answers as a person would or cannot answer at all.</summary>
internal sealed partial class RecordingHost : PSHost
{
    /// <summary>The choice of somebody who types nothing and presses Enter.</summary>
    public const string Enter = "";

    private readonly RecordingUserInterface _ui;

    /// <summary>Makes a host.</summary>
    /// <param name="choice">The label of the choice it takes, such as Yes or No; null where nobody can answer.</param>
    /// <param name="line">The line it types when asked for one; null where nobody can answer.</param>
    /// <param name="unattended">What it throws where nobody can answer; a HostException where it is not given.</param>
    /// <param name="name">What it is called.</param>
    public RecordingHost(string? choice = null, string? line = null, Func<Exception>? unattended = null, string name = "Recording")
    {
        _ui = new RecordingUserInterface(choice, line, unattended);
        Name = name;
    }

    /// <summary>The lines that were shown.</summary>
    public IReadOnlyList<string> Lines => Colours().Replace(_ui.Text, "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(text => text.TrimEnd()).Where(text => text.Length > 0).ToList();

    /// <summary>The questions that were asked.</summary>
    public IReadOnlyList<string> Questions => _ui.Questions;

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name { get; }

    public override PSHostUserInterface UI => _ui;

    public override Version Version { get; } = new(1, 0);

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Colours();
}
