namespace DeployOps.Health.Logs;

/// <summary>How far a file was read, and by what it is known again once it has been renamed or copied.</summary>
/// <param name="Path">The full path it was found at.</param>
/// <param name="Offset">How many bytes were read; what follows begins a line, or goes on with one that was taken for whole.</param>
/// <param name="Mark">SHA-256 of the last bytes before that, at most <see cref="MarkBytes"/>; 64 hexadecimal digits.</param>
public sealed record LogPosition(string Path, long Offset, string Mark)
{
    /// <summary>How many bytes make a mark. Where lines tell their time, no other file has the same at this place.</summary>
    internal const int MarkBytes = 1024;

    /// <summary>How long the file was at that look, in bytes; -1 where it is not known. One that has not grown until the next look is taken for whole, its last line and its last event too.</summary>
    public long Seen { get; init; } = -1;

    /// <summary>How many of the bytes before the place belong to a last line without an end, which was taken for whole: where it grows all the same, it is read anew.</summary>
    public long Tail { get; init; }

    /// <summary>
    /// True where it was read to its end and no more is expected: it had not grown since the look before, or had been renamed. Nothing is lost where it is compressed or
    /// deleted then.
    /// </summary>
    public bool IsFinished { get; init; }
}
