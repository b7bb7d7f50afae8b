using DeployOps.Journal;
using DeployOps.Plans;
using DeployOps.Windows;

namespace DeployOps.Notices;

/// <summary>
/// Sends what the log says was to be told and does not say was taken. The log is the queue: what a dead channel does not take now, the next cmdlet
/// sends. Each message goes at least once, in order within its channel; a channel that fails stops nothing but itself.
/// </summary>
public sealed class NoticeDesk
{
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
    public async Task TellAsync(DeploymentWindow window, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (window.State == WindowState.Planned || cancellationToken.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await FlushAsync(window, cancellationToken);
        }
        catch (DeployOpsException e)
        {
            reporter.Warn($"Nobody was told how {window.Id} goes: {e.Fact}");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Who presses Ctrl+C does not wait for a channel.
        }
    }

    /// <summary>Sends what waits. It needs no lock, and fails for nothing that a channel does.</summary>
    public async Task<NoticeDelivery> FlushAsync(DeploymentWindow window, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(window);
        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        var channels = WindowPlan.InForce(session, ports, SparedSections.Telling).Plan.Notices;
        var sent = await Task.WhenAll(channels.Select(channel => FlushAsync(session, channel, Waiting(session, channel), cancellationToken)));

        return new NoticeDelivery(session.Window, sent.Sum(channel => channel.Sent), sent.Sum(channel => channel.Waiting));
    }

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
        var taken = session.Records.Where(record => record.Kind == JournalKind.NoticeSent && record.Target == channel.Name).Select(record => record.Read<DeliveredNotice>().Key).ToHashSet(StringComparer.Ordinal);
        return [.. NoticePlanner.Plan(session.Facts.Opening, session.Records, channel).Where(notice => !taken.Contains(notice.Key))];
    }

    private async Task<(int Sent, int Waiting)> FlushAsync(WindowSession session, NoticeSpec spec, List<Notice> waiting, CancellationToken cancellationToken)
    {
        var sent = 0;
        foreach (var notice in waiting)
        {
            reporter.Progress("Notices", $"telling {spec.Name}: {notice.Title}");
            if (await WhyNotAsync(spec, notice, cancellationToken) is { } why)
            {
                // Communication never stops a deployment; what waits is in the log.
                reporter.Warn($"{spec.Name} did not take a notice, and {waiting.Count - sent} wait for the next command: {why}");
                break;
            }

            await session.AppendAsync(new JournalEntry(JournalKind.NoticeSent, $"{spec.Name} took {notice.Key}: {notice.Title}")
            {
                Target = spec.Name,
                Detail = JournalJson.ToNode(new DeliveredNotice(notice.Key, notice.Title)),
            });
            sent++;
        }

        return (sent, waiting.Count - sent);
    }

    // Whatever a channel throws, a fault of its own too: a phase that has succeeded must not end in it.
    private async Task<string?> WhyNotAsync(NoticeSpec spec, Notice notice, CancellationToken cancellationToken)
    {
        if (spec.Unresolved is not null)
        {
            return spec.Unresolved;
        }

        try
        {
            await ports.Adapters.OpenChannel(spec).SendAsync(notice, cancellationToken);
            return null;
        }
        catch (DeployOpsException e)
        {
            return e.Fact;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
    }
}
