using DeployOps.Core.Tests.Support;
using DeployOps.Health;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Preparation;
using DeployOps.Reports;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Smoke;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Phases.Failures;

/// <summary>What a case of failure needs: a release, brought as far as it says, and the error that follows.</summary>
internal sealed class Stage : IDisposable
{
    public const string Never = "When = 'Never'";

    /// <summary>A rollout of two instances a pool: blue-1 and red-1, green-1 and white-1.</summary>
    public static readonly string TwoAPool = $"Strategy = 'BlueGreen'; Instances = @( {Instance("blue-1", "blue", 8101)}, {Instance("red-1", "blue", 8103)}, {Instance("green-1", "green", 8102)}, {Instance("white-1", "green", 8104)} )";

    /// <summary>The same with one new instance for two old ones.</summary>
    public static readonly string OneForTwo = $"Strategy = 'BlueGreen'; Instances = @( {Instance("blue-1", "blue", 8101)}, {Instance("red-1", "blue", 8103)}, {Instance("green-1", "green", 8102)} )";

    /// <summary>Two instances that are changed one after the other.</summary>
    public static readonly string Rolling = "Strategy = 'Rolling'; Instances = @( @{ Name = 'blue-1'; Uri = 'http://127.0.0.1:8101' }, @{ Name = 'green-1'; Uri = 'http://127.0.0.1:8102' } )";

    private readonly List<IDisposable> opened = [];
    private IReadOnlyList<(string Name, string Text)> smoke = [];

    /// <summary>A release whose preparation has succeeded; with these files beside its plan.</summary>
    public async Task<Release> OpenAsync(
        string rollback = "When = 'Automatic'", string databases = "", TimeSpan? duration = null, string more = "", double faster = 10, string without = "", string rollout = Release.BlueGreen, params (string Name, string Text)[] files)
    {
        var release = await Release.OpenAsync(rollback, databases, duration, more, faster, without, rollout: rollout, files: files);
        opened.Add(release);
        return release;
    }

    /// <summary>A release whose preparation has run, its smoke files too.</summary>
    public async Task<Release> PreparedAsync(string rollback = "When = 'Automatic'", string databases = "", string more = "")
    {
        var release = await OpenAsync(rollback, databases, more: more, files: Files());
        await GoodAsync(release, new PreparationPhase());
        return release;
    }

    /// <summary>A release with a database that was backed up and migrated.</summary>
    public async Task<Release> MigratedAsync(string rollback = "When = 'Automatic'", string more = "")
    {
        var release = await OpenAsync(rollback, Release.Database, more: more, files: Files());
        await release.BackUpAsync();
        await GoodAsync(release, new MigrationPhase());
        return release;
    }

    /// <summary>A release that was migrated, where it has a database, and rolled out.</summary>
    public async Task<Release> RolledOutAsync(string rollback = "When = 'Automatic'", bool migrates = false, string more = "", bool prepares = false, double faster = 10)
    {
        var release = migrates ? await MigratedAsync(rollback, more) : await OpenAsync(rollback, more: more, faster: faster, files: Files());
        if (prepares)
        {
            await GoodAsync(release, new PreparationPhase());
        }

        await GoodAsync(release, new RolloutPhase());
        return release;
    }

    /// <summary>A smoke file that asks a server of its own.</summary>
    public string Smoke(Func<SeenRequest, Reply> answer, int files = 1)
    {
        var server = LoopbackServer.Start(answer);
        opened.Add(server);
        return SmokeAt(server.Url, files);
    }

    public string SmokeAt(string url, int files = 1)
    {
        smoke = [.. Enumerable.Range(1, files).Select(number => ($"smoke/{number}.hurl", $"GET {url}/cart\nHTTP 200\n"))];
        return $"Smoke = @( {string.Join(", ", Enumerable.Range(1, files).Select(number => $"'smoke/{number}.hurl'"))} )";
    }

    public static Task<DeployOpsException> MigrateAsync(Release release, CancellationToken token = default) => ErrorAsync(release, new MigrationPhase(), token: token);

    public static Task<DeployOpsException> RollOutAsync(Release release, bool? answer = null, CancellationToken token = default) => ErrorAsync(release, new RolloutPhase(), answer, token: token);

    public static Task<DeployOpsException> WatchAsync(Release release) => ErrorAsync(release, new WatchPhase(_ => Task.CompletedTask));

    public static Task<DeployOpsException> CompleteAsync(Release release) => ErrorAsync(release, new CompletionPhase());

    /// <summary>The error of a phase, whether it is thrown or comes with the result.</summary>
    public static async Task<DeployOpsException> ErrorAsync<TResult>(Release release, IPhase<TResult> phase, bool? answer = null, string? deviation = null, CancellationToken token = default)
        where TResult : PhaseResult
    {
        try
        {
            var ending = await release.RunAsync(phase, new ScriptedReporter(answer), deviation, token);
            var error = ending.Error.ShouldNotBeNull(ending.Result.Summary);
            ending.Result.Production.ShouldBe(error.Production);
            ending.Result.NextCommand.ShouldBe(error.Command);
            (await release.FactsAsync()).Phase(phase.Traits.Phase)!.Result!["production"]!.GetValue<string>().ShouldBe(error.Production);
            return error;
        }
        catch (DeployOpsException e)
        {
            return e;
        }
    }

    /// <summary>The error of a rollback that a person asks for.</summary>
    public static async Task<DeployOpsException> BackAsync(Release release, DatabaseRollback? database = null, CancellationToken token = default)
    {
        try
        {
            var ending = await release.GoBackToldAsync(database, cancellationToken: token);
            return ending.Error.ShouldNotBeNull(ending.Result.Summary);
        }
        catch (DeployOpsException e)
        {
            return e;
        }
    }

    /// <summary>Makes one act of the shop fail.</summary>
    public static void Break(Release release, string act, string id, string message, string? next = null) =>
        release.Shop.BeforeAct = (begun, _) => begun == act ? throw new DeployOpsException(id, FaultKind.Failed, message, next) : Task.CompletedTask;

    public void Dispose() => opened.ForEach(one => one.Dispose());

    private (string Name, string Text)[] Files() => [.. smoke];

    private static string Instance(string name, string pool, int port) => $"@{{ Name = '{name}'; Pool = '{pool}'; Uri = 'http://127.0.0.1:{port}' }}";

    private static async Task GoodAsync<TResult>(Release release, IPhase<TResult> phase)
        where TResult : PhaseResult
    {
        var ending = await release.RunAsync(phase);
        ending.Error.ShouldBeNull();
        release.Shop.Forget();
    }
}
