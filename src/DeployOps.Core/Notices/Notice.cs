using DeployOps.Windows;

namespace DeployOps.Notices;

/// <summary>One message about one change of a window, as every channel gets it.</summary>
/// <param name="Key">The same each time the message is sent: the window and the number of the log's record that it tells. A receiver who knows it has had the message.</param>
/// <param name="Window">The window's id.</param>
/// <param name="Service">What is deployed.</param>
/// <param name="Environment">Where.</param>
/// <param name="Release">The release the window is for.</param>
/// <param name="Time">When it happened, UTC.</param>
/// <param name="State">How the window stands from here on.</param>
/// <param name="Head">The SHA-256 of the log's line that it tells, 64 hexadecimal digits: whoever has it can see later that nothing before it was changed.</param>
/// <param name="Tone">How it is to be taken.</param>
/// <param name="Title">What happened, in one line.</param>
/// <param name="Text">The rest, without markup; may have several lines, or none.</param>
public sealed record Notice(
    string Key,
    string Window,
    string Service,
    string Environment,
    string Release,
    DateTimeOffset Time,
    WindowState State,
    string Head,
    NoticeTone Tone,
    string Title,
    string Text)
{
    /// <summary>When the window was opened, UTC; null where nobody says. What a channel wrote of the window is no older.</summary>
    public DateTimeOffset? Opened { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Text.Length == 0 ? Title : $"{Title}: {Text}";
}
