using System.Globalization;
using System.Text.Json.Nodes;
using DeployOps.Secrets;

namespace DeployOps.Journal;

/// <summary>
/// The execution log of one window: state is a fold over it and stored nowhere else. An append takes <c>journal.lock</c>, reads what others
/// wrote meanwhile, writes one line in one write and syncs it; so several terminals may write notes, stop requests and phases at any time.
/// What steps that run at once ask for while a sync is under way is written together and synced once (group commit).
/// </summary>
public sealed class JournalFile
{
    /// <summary>The name of the log in a window's folder.</summary>
    public const string FileName = "journal.jsonl";

    private static readonly TimeSpan LockDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(10);

    private readonly string folder;
    private readonly JournalThread thread;
    private readonly Redactor redactor;
    private readonly TimeProvider timeProvider;
    private readonly JournalReader reader = new();
    private readonly Lock gate = new();
    private List<JournalAppend> waiting = [];
    private IReadOnlyList<JournalRecord> records = [];
    private DeployOpsException? broken;

    /// <summary>Prepares to read and write the log in this folder; touches nothing yet.</summary>
    public JournalFile(string folder, JournalThread thread, Redactor redactor, TimeProvider timeProvider)
    {
        this.folder = folder;
        this.thread = thread;
        this.redactor = redactor;
        this.timeProvider = timeProvider;
        Path = System.IO.Path.Combine(folder, FileName);
    }

    /// <summary>The full path of the log.</summary>
    public string Path { get; }

    /// <summary>Everything read or written so far, in order.</summary>
    public IReadOnlyList<JournalRecord> Records => Volatile.Read(ref records);

    /// <summary>Reads what was written since, by whomever. A line that is still being written is left for the next time.</summary>
    /// <exception cref="DeployOpsException"><c>JournalCorrupt</c> at the first complete line that is wrong; <c>JournalUnreadable</c>.</exception>
    public Task<IReadOnlyList<JournalRecord>> RefreshAsync() => thread.RunAsync(Refresh);

    /// <summary>Writes one record and returns when it is on the disk.</summary>
    /// <param name="entry">What to write; it is redacted first.</param>
    /// <param name="epoch">The writer's epoch, where it holds the environment's lock; null for notes and requests, which need no lock.</param>
    /// <exception cref="DeployOpsException">
    /// <c>JournalBroken</c> where the disk refused (every later append of this run refuses too), <c>JournalCorrupt</c>, <c>JournalBusy</c>,
    /// <c>EpochStale</c> where a newer owner has written, <c>SecretInLog</c> where it could not be read back.
    /// </exception>
    public Task<JournalRecord> AppendAsync(JournalEntry entry, long? epoch = null)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (JournalSecrets.Refusal(entry, redactor) is { } refusal)
        {
            return Task.FromException<JournalRecord>(refusal);
        }

        var append = new JournalAppend(
            entry with
            {
                Message = redactor.Redact(entry.Message),
                Target = entry.Target is null ? null : redactor.Redact(entry.Target),
                Detail = redactor.RedactJson(entry.Detail),
            },
            epoch);
        lock (gate)
        {
            waiting.Add(append);
            if (waiting.Count == 1)
            {
                try
                {
                    thread.Post(AppendWaiting);
                }
                catch
                {
                    // The thread has ended: who comes next must not wait for one that nobody writes.
                    waiting.Clear();
                    throw;
                }
            }
        }

        return append.Written;
    }

    // On the journal's thread; whatever happens is told to those who wait for their records.
    private void AppendWaiting()
    {
        List<JournalAppend> appends;
        lock (gate)
        {
            (appends, waiting) = (waiting, []);
        }

        try
        {
            Append(appends);
        }
        catch (Exception e)
        {
            appends.ForEach(append => append.Fail(e));
        }
    }

    private void Append(List<JournalAppend> appends)
    {
        if (broken is not null)
        {
            throw broken;
        }

        try
        {
            var place = Take();
            try
            {
                Write(place, appends);
            }
            catch
            {
                place.Dispose();
                throw;
            }

            thread.LetGo(place);
        }
        catch (Exception e) when (e is not DeployOpsException || e is DeployOpsException { ErrorId: "DiskSyncFailed" })
        {
            // Whatever it was: .NET tells some of the disk's errors by exceptions that are no IOException, a file that is too large for one.
            broken = new DeployOpsException(
                "JournalBroken",
                FaultKind.Failed,
                $"The journal {Path} could not be written: {e.Message}",
                "Nothing further was begun. Mend the disk; the next run carries on from the last record.",
                e);
            throw broken;
        }
    }

    private void Write(JournalPlace place, List<JournalAppend> appends)
    {
        CatchUp(place);
        var group = new JournalGroup(reader.Next, reader.Position);
        foreach (var append in appends)
        {
            if (group.IsFull(reader.Position))
            {
                Commit(place, group);
                group = new JournalGroup(reader.Next, reader.Position);
            }

            if (Stale(append.Epoch) is { } stale)
            {
                append.Fail(stale);
                continue;
            }

            group.Add(append, Write(place.Log, append.Entry, append.Epoch, group.First));
        }

        Commit(place, group);
    }

    // The records are on the disk, with the file's name where it is new, before anybody is told that they are.
    private void Commit(JournalPlace place, JournalGroup group)
    {
        if (group.IsEmpty)
        {
            return;
        }

        place.Sync();
        Publish();
        if (group.First == 1)
        {
            DurableFile.SyncFolder(folder);
        }

        group.Tell();
    }

    private void CatchUp(JournalPlace place)
    {
        var tail = ReadNew(place.Log);
        Publish();
        ThrowIfFaulty();
        if (tail.Length > 0)
        {
            Recover(place, tail.Span);
        }
    }

    // Under the lock nobody is writing: what stands behind the last newline was left by a crash.
    private void Recover(JournalPlace place, ReadOnlySpan<byte> tail)
    {
        var file = place.Log;
        if (JournalLine.IsWhole(tail))
        {
            file.Position = file.Length;
            file.Write("\n"u8);
            place.Sync();
            ReadNew(file);
            Publish();
            ThrowIfFaulty();
            return;
        }

        var now = timeProvider.GetUtcNow();
        // The place in the file tells two torn lines of one moment apart.
        var aside = System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"journal.torn-{now:yyyyMMddTHHmmssfff}-{reader.Position}"));
        DurableFile.Replace(aside, tail);
        file.SetLength(reader.Position);
        place.Sync();
        var detail = new JsonObject { ["bytes"] = tail.Length, ["keptIn"] = System.IO.Path.GetFileName(aside) };
        Write(file, new JournalEntry(JournalKind.Recovered, $"A last line that was not whole ({tail.Length} bytes) was set aside.") { Detail = detail }, epoch: null, reader.Next);
        place.Sync();
        Publish();
    }

    // Not synced yet. The first record of the group it is synced with tells a reader what may be torn together.
    private JournalRecord Write(FileStream file, JournalEntry entry, long? epoch, long first)
    {
        var last = reader.Last;
        var now = timeProvider.GetUtcNow();
        // A clock that is set back must not make the timeline run backwards.
        var time = last is not null && last.Time > now ? last.Time : now;
        var (line, record) = JournalLine.Write(reader.Next, time, epoch ?? last?.Epoch ?? 0, entry, reader.Head, first);
        file.Position = reader.Position;
        file.Write(line.Span);
        reader.Append(record, line.Length);

        return record;
    }

    private IReadOnlyList<JournalRecord> Refresh()
    {
        try
        {
            using var file = JournalPlace.Open(Path, FileMode.Open, FileAccess.Read);
            ReadNew(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException("JournalUnreadable", FaultKind.Failed, $"The journal {Path} could not be read: {e.Message}", "Check that it is there and that this account may read it.", e);
        }

        Publish();
        ThrowIfFaulty();

        return Records;
    }

    private ReadOnlyMemory<byte> ReadNew(FileStream file)
    {
        if (file.Length < reader.Position)
        {
            throw new DeployOpsException(
                "JournalCorrupt",
                FaultKind.Security,
                $"The journal {Path} became shorter while it was in use ({file.Length} bytes, {reader.Position} were read).",
                "Find out who changed it; this tells what is left:")
            { Command = Test() };
        }

        var bytes = new byte[file.Length - reader.Position];
        file.Position = reader.Position;
        file.ReadExactly(bytes);

        return reader.Read(bytes);
    }

    private void Publish() => Volatile.Write(ref records, reader.Records);

    private void ThrowIfFaulty()
    {
        if (reader.Fault is { } fault)
        {
            throw new DeployOpsException(
                "JournalCorrupt",
                FaultKind.Security,
                $"{Path}:{fault.Line} is not what was written: {fault.Reason}.",
                "Nothing is done on a log that cannot be trusted. Bring it back from a copy, or move its folder out of the home where nobody needs it any more. This tells how much of it is intact:")
            { Command = Test() };
        }
    }

    private string Test() => $"Test-DeploymentLog -Path '{Path.Replace("'", "''", StringComparison.Ordinal)}'";

    private DeployOpsException? Stale(long? epoch) =>
        epoch is { } mine && reader.Last is { } last && last.Epoch > mine
            ? new DeployOpsException(
                "EpochStale",
                FaultKind.Stopped,
                $"Epoch {mine} was taken over by epoch {last.Epoch}; this run does nothing further.",
                "Get-DeploymentLog shows who took over and why.")
            : null;

    private JournalPlace Take()
    {
        var start = timeProvider.GetTimestamp();
        while (true)
        {
            if (thread.TryTake(folder) is { } place)
            {
                return place;
            }

            if (timeProvider.GetElapsedTime(start) > LockDeadline)
            {
                throw new DeployOpsException(
                    "JournalBusy",
                    FaultKind.Busy,
                    $"{JournalPlace.LockPath(folder)} was held by another process for {LockDeadline.TotalSeconds} s; an append takes milliseconds, so that process hangs.",
                    "Find it (lslocks tells who holds it; others may have it open and hold nothing), end it, and run the same command again.");
            }

            // The one thread whose whole work is this file may wait on it; nobody's continuation runs here.
            using var never = new ManualResetEventSlim();
            never.Wait(LockRetry);
        }
    }
}
