using DeployOps.Journal;
using DeployOps.Plans;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps.Notices;

/// <summary>
/// Sends what the log says was to be told and does not say was taken. The log is the queue: what a dead channel does not take now, the next cmdlet
/// sends. Each message goes at least once, in order within its channel; a channel that fails stops nothing but itself. What a channel refuses is passed over and waits,
/// until the channel takes one after it: then the message is to blame, and not the setting.
/// </summary>
public sealed class NoticeDesk
{
    /// <summary>Older news is sent by who asks for it: a channel that is gone for ever is not to hold up every release.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(14);

    private readonly Ports ports;
    private readonly IStepReporter reporter;

    /// <summary>Makes the desk.</summary>
    public NoticeDesk(Ports ports, IStepReporter reporter)
    {
        this.ports = ports;
        this.reporter = reporter;
    }

    /// <summary>Writes what a person wants to be told, and sends it with everything that still waits.</summary>
    /// <param name="window">The window it is about.</param>
    /// <param name="text">What.</param>
    /// <param name="audience">To whom.</param>
    /// <param name="cancellationToken">Ends the sending; the log keeps the notice.</param>
    public async Task<NoticeDelivery> SendAsync(DeploymentWindow window, string text, IReadOnlyList<NoticeAudience> audience, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(window);
        await WindowSecrets.LearnAsync(window, ports);
        await using (var session = await WindowSession.OpenAsync(window.Folder, ports))
        {
            await session.AppendAsync(new JournalEntry(JournalKind.Notice, $"{ports.Operator.Name} to {string.Join(" and ", audience)}: {text}")
            {
                Phase = window.Phase,
                Detail = JournalJson.ToNode(new PersonalNotice(ports.Operator.Name, text, audience)),
            });
        }

        return await FlushAsync(window, cancellationToken);
    }

    /// <summary>Sends what waits, and warns where that cannot be: whoever deploys goes on in any case, and the log keeps what waits.</summary>
    public Task TellAsync(DeploymentWindow window, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(window);
        return TellAsync(window, [], cancellationToken);
    }

    private async Task TellAsync(DeploymentWindow window, HashSet<string> silent, CancellationToken cancellationToken)
    {
        if (window.State == WindowState.Planned || cancellationToken.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await FlushAsync(window, silent, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Who presses Ctrl+C does not wait for a channel.
        }
        catch (Exception e)
        {
            // Whatever it is, it must not take the place of what the command ends with.
            reporter.Warn($"Nobody was told how {window.Id} goes: {(e as DeployOpsException)?.Fact ?? e.Message}");
        }
    }

    /// <summary>Does the same for the earlier windows of the same service and environment: a release that was completed while a channel was dead has no next command of its own.</summary>
    /// <param name="window">The window that begins now.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task TellEarlierAsync(DeploymentWindow window, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        try
        {
            // Who begins waits once for a channel that is dead, however many windows have something for it.
            var silent = new HashSet<string>(StringComparer.Ordinal);
            foreach (var earlier in await EarlierAsync(window))
            {
                await TellEarlierAsync(earlier, silent, cancellationToken);
            }
        }
        catch (DeployOpsException e)
        {
            reporter.Warn($"Whether anything of earlier windows waits to be told cannot be seen: {e.Fact}");
        }
    }

    // A window that is damaged keeps none that came after it from being told.
    private async Task TellEarlierAsync(DeploymentWindow earlier, HashSet<string> silent, CancellationToken cancellationToken)
    {
        try
        {
            if (await WaitsAsync(earlier))
            {
                await TellAsync(earlier, silent, cancellationToken);
            }
        }
        catch (DeployOpsException e)
        {
            reporter.Warn($"Whether anything of {earlier.Id} waits to be told cannot be seen: {e.Fact}");
        }
    }

    private async Task<IReadOnlyList<DeploymentWindow>> EarlierAsync(DeploymentWindow window)
    {
        var since = ports.TimeProvider.GetUtcNow() - Remembered;
        var all = await WindowCatalog.AllAsync(ports);
        return [.. all.Windows.Where(one => one.Id != window.Id && one.Service == window.Service && one.Environment == window.Environment && one.StartedAt >= since).OrderBy(one => one.StartedAt)];
    }

    private async Task<bool> WaitsAsync(DeploymentWindow window)
    {
        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        return Channels(session).Any(channel => Waiting(session, channel).Count > 0);
    }

    /// <summary>Sends what waits. It needs no lock, and fails for nothing that a channel does.</summary>
    public Task<NoticeDelivery> FlushAsync(DeploymentWindow window, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(window);
        return FlushAsync(window, [], cancellationToken);
    }

    private async Task<NoticeDelivery> FlushAsync(DeploymentWindow window, HashSet<string> silent, CancellationToken cancellationToken)
    {
        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        var channels = Channels(session);
        var runs = await Task.WhenAll(channels.Select(channel => FlushAsync(session, channel, Waiting(session, channel), silent.Contains(Address(channel)), cancellationToken)));
        silent.UnionWith(channels.Where((_, place) => runs[place].IsSilent).Select(Address));

        return new NoticeDelivery(session.Window, runs.Sum(run => run.Sent), runs.Sum(run => run.Waiting));
    }

    private IReadOnlyList<NoticeSpec> Channels(WindowSession session) => WindowPlan.InForce(session, ports, SparedSections.Telling).Plan.Notices;

    // Where it goes: windows of other plans may have other channels of the same name.
    private static string Address(NoticeSpec spec) => spec switch
    {
        { Mail: { } mail } => $"{mail.Server}:{mail.Port}",
        { GitHub: { } gitHub } => gitHub.Uri.AbsoluteUri,
        _ => spec.Uri?.AbsoluteUri ?? spec.Name,
    };

    /// <summary>What waits, by channel of the plan in force; none where that plan cannot be read any more, since then nobody knows the channels.</summary>
    internal static IReadOnlyList<WaitingNotices> Waiting(WindowSession session, Ports ports)
    {
        try
        {
            return [.. WindowPlan.InForce(session, ports, SparedSections.Telling).Plan.Notices.Select(channel => new WaitingNotices(channel.Name, Waiting(session, channel))).Where(waiting => waiting.Notices.Count > 0)];
        }
        catch (DeployOpsException)
        {
            // Whoever sends is told why; a report tells what the journal has.
            return [];
        }
    }

    private static List<Notice> Waiting(WindowSession session, NoticeSpec channel)
    {
        var done = session.Records.Where(record => record.Kind is JournalKind.NoticeSent or JournalKind.NoticeRefused && record.Target == channel.Name).Select(record => record.Read<DeliveredNotice>().Key).ToHashSet(StringComparer.Ordinal);
        return [.. NoticePlanner.Plan(session.Facts.Opening, session.Records, channel).Where(notice => !done.Contains(notice.Key))];
    }

    private async Task<ChannelRun> FlushAsync(WindowSession session, NoticeSpec spec, List<Notice> waiting, bool isSilent, CancellationToken cancellationToken)
    {
        if (isSilent && waiting.Count > 0)
        {
            reporter.Warn($"{spec.Name} has just not answered, and {waiting.Count} of {session.Window.Id} wait for the next command.");
            return new ChannelRun(0, waiting.Count, IsSilent: true);
        }

        var (sent, retired) = (0, 0);
        var refused = new List<(Notice Notice, string Why)>();
        ChannelAnswer? failure = null;
        foreach (var notice in waiting)
        {
            reporter.Progress("Notices", $"telling {spec.Name}: {notice.Title}");
            var answer = await AskAsync(spec, notice, cancellationToken);
            if (answer.IsRefusal)
            {
                // The next one may be taken: one message must not hold up all after it.
                refused.Add((notice, answer.Why!));
                continue;
            }

            if (answer.Why is not null)
            {
                failure = answer;
                break;
            }

            await WriteAsync(session, JournalKind.NoticeSent, $"{spec.Name} took {notice.Key}: {notice.Title}", spec, notice);
            sent++;
            retired += await RetireAsync(session, spec, refused);
        }

        var left = waiting.Count - sent - retired;
        if (failure is { } met)
        {
            // Communication never stops a deployment; what waits is in the log.
            reporter.Warn($"{spec.Name} did not take a notice, and {left} wait for the next command: {met.Why}");
        }

        if (refused.Count > 0)
        {
            reporter.Warn($"{spec.Name} refuses what it is sent, and {left} wait for the next command, the first of them '{refused[0].Notice.Title}': {refused[0].Why}");
        }

        return new ChannelRun(sent, left, failure is { IsSilence: true });
    }

    // Only a channel that takes others is known to refuse these for what they hold, and not for how it is set.
    private async Task<int> RetireAsync(WindowSession session, NoticeSpec spec, List<(Notice Notice, string Why)> refused)
    {
        var count = refused.Count;
        foreach (var (notice, why) in refused)
        {
            reporter.Warn($"{spec.Name} refuses a notice for good, and it is not sent there again: {notice.Title}: {why}");
            await WriteAsync(session, JournalKind.NoticeRefused, $"{spec.Name} refused {notice.Key}: {notice.Title}: {why}", spec, notice);
        }

        refused.Clear();
        return count;
    }

    private static Task WriteAsync(WindowSession session, JournalKind kind, string message, NoticeSpec spec, Notice notice) => session.AppendAsync(new JournalEntry(kind, message)
    {
        Target = spec.Name,
        Detail = JournalJson.ToNode(new DeliveredNotice(notice.Key, notice.Title)),
    });

    // Whatever a channel throws, a fault of its own too: a phase that has succeeded must not end in it.
    private async Task<ChannelAnswer> AskAsync(NoticeSpec spec, Notice notice, CancellationToken cancellationToken)
    {
        if (spec.Unresolved is not null)
        {
            return new ChannelAnswer(spec.Unresolved);
        }

        try
        {
            if (await ports.Adapters.OpenChannel(spec).SendAsync(notice, cancellationToken) is { } missed)
            {
                reporter.Warn($"{spec.Name}: {missed}");
            }

            return new ChannelAnswer(null);
        }
        catch (DeployOpsException e)
        {
            return new ChannelAnswer(e.Fact, IsRefusal: e.ErrorId == "NoticeRefused", IsSilence: e.Kind == FaultKind.Timeout);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return new ChannelAnswer($"{e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>What a channel did with a notice.</summary>
    /// <param name="Why">Why it did not take it; null where it did.</param>
    /// <param name="IsRefusal">True where it refused this one, and may take others.</param>
    /// <param name="IsSilence">True where nobody answered.</param>
    private readonly record struct ChannelAnswer(string? Why, bool IsRefusal = false, bool IsSilence = false);

    /// <summary>What a channel did with what waited for it.</summary>
    /// <param name="Sent">How many it took.</param>
    /// <param name="Waiting">How many still wait.</param>
    /// <param name="IsSilent">True where nobody answered.</param>
    private readonly record struct ChannelRun(int Sent, int Waiting, bool IsSilent);
}
