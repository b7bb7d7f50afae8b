using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Steps;

namespace DeployOps.Rollbacks;

/// <summary>
/// Takes steps back, in the reverse order of what really happened. An instance that is lost, or that may not be taken out yet since it alone serves, is put aside and
/// keeps no other from going back; undo scripts wait for all of them.
/// </summary>
/// <param name="context">The context by the plan that is in force.</param>
/// <param name="catalog">Finds the steps.</param>
/// <param name="lost">The instances that were found lost.</param>
/// <param name="planned">What is to be taken back, in order.</param>
internal sealed class StepsBack(PhaseContext context, StepCatalog catalog, LostInstances lost, IReadOnlyList<StepFacts> planned)
{
    private readonly StepRunner runner = new(context.Session, context.Reporter);
    private readonly HashSet<string> moves = [.. planned.Where(fact => TrafficStep.Moves(fact.Key)).Select(fact => fact.Key)];
    private readonly HashSet<string> given = new(StringComparer.Ordinal);
    private int done;

    /// <summary>Asked before each undo script whether it may run.</summary>
    internal required Action BeforeScript { get; init; }

    /// <summary>Told of each step that was taken back.</summary>
    internal required Action<StepFacts> Taken { get; init; }

    /// <summary>Told once no traffic is left to be moved, except to instances that are lost.</summary>
    internal required Func<Task> TrafficBack { get; init; }

    /// <summary>Takes all of them back that can be; what stays is that of lost instances, and undo scripts behind them.</summary>
    /// <exception cref="DeployOpsException">What keeps a step from being taken back and is not the loss of one instance among several.</exception>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var waiting = planned;
        var (held, before) = (default(DeployOpsException), 0);
        do
        {
            before = waiting.Count;
            (waiting, held) = await PassAsync(waiting, cancellationToken);
        }
        while (held is not null && waiting.Count < before);

        if (held is not null)
        {
            throw lost.Names.Count == 0 ? held : new DeployOpsException(held.ErrorId, held.Kind, $"{held.Fact} {lost.Words}", held.NextStep, held);
        }
    }

    private async Task<(IReadOnlyList<StepFacts> Left, DeployOpsException? Held)> PassAsync(IReadOnlyList<StepFacts> waiting, CancellationToken cancellationToken)
    {
        var (left, kept, held) = (new List<StepFacts>(), new HashSet<string>(StringComparer.Ordinal), default(DeployOpsException));
        foreach (var fact in waiting)
        {
            var isScript = MigrationStep.DatabaseOf(fact.Key) is not null;
            var name = InstanceOf(fact.Key);
            if (isScript ? left.Count > 0 : kept.Contains(name) || given.Contains(name))
            {
                left.Add(fact);
                continue;
            }

            try
            {
                await UndoAsync(fact, isScript, cancellationToken);
            }
            catch (DeployOpsException e) when (!isScript && LostInstances.IsReason(e) && lost.Contains(name, out _))
            {
                left.Add(fact);
                given.Add(name);
                await MovedAsync(key => InstanceOf(key) == name);
            }
            catch (DeployOpsException e) when (e.ErrorId == "CapacityMissing")
            {
                left.Add(fact);
                kept.Add(name);
                held ??= e;
            }
        }

        return (left, held);
    }

    private async Task UndoAsync(StepFacts fact, bool isScript, CancellationToken cancellationToken)
    {
        if (isScript)
        {
            BeforeScript();
        }

        context.Reporter.Progress("Rollback", $"taking back {fact.Change}", 100 * done / planned.Count);
        await runner.UndoAsync(catalog.Rebuild(fact), cancellationToken);
        done++;
        Taken(fact);
        await MovedAsync(key => key == fact.Key);
    }

    private async Task MovedAsync(Predicate<string> isMoved)
    {
        if (moves.RemoveWhere(isMoved) > 0 && moves.Count == 0)
        {
            await TrafficBack();
        }
    }

    private static string InstanceOf(string key) => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
