using DeployOps.Windows;

namespace DeployOps.Journal;

/// <summary>Whether an execution log is what was written.</summary>
public sealed record JournalVerification
{
    /// <summary>The window whose log it is; null where a file was named.</summary>
    public DeploymentWindow? Window { get; init; }

    /// <summary>The full path of the log.</summary>
    public required string Path { get; init; }

    /// <summary>True where every line is whole and follows the one before it.</summary>
    public bool IsIntact => Fault is null;

    /// <summary>How many lines were right, from the first on.</summary>
    public required long Records { get; init; }

    /// <summary>The hash of the last right line. A log that was cut has another one than was written down.</summary>
    public required string Head { get; init; }

    /// <summary>The first line that is wrong; null where all are right.</summary>
    public JournalFault? Fault { get; init; }

    /// <summary>Bytes behind the last newline: a line being written, or one that a crash cut; the next append sets it aside.</summary>
    public long TornBytes { get; init; }

    /// <inheritdoc/>
    public override string ToString() => IsIntact ? $"{Path}: {Records} records intact" : $"{Path}:{Fault!.Line} {Fault.Reason}";

    /// <summary>Verifies a log without changing anything.</summary>
    /// <exception cref="DeployOpsException"><c>JournalUnreadable</c>.</exception>
    public static JournalVerification Verify(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            var reader = new JournalReader();
            var tail = reader.Read(bytes);
            return new JournalVerification
            {
                Path = path,
                Records = reader.Records.Count,
                Head = reader.Head,
                Fault = reader.Fault,
                TornBytes = reader.Fault is null ? tail.Length : 0,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException("JournalUnreadable", FaultKind.Failed, $"The journal {path} could not be read: {e.Message}", "Check that it is there and that this account may read it.", e);
        }
    }
}
