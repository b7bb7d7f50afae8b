using DeployOps.Backups;
using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Incidents;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Rollbacks;
using DeployOps.Secrets;
using DeployOps.Windows;
using DeployOps.Windows.Homes;
using DeployOps.Windows.Locks;

namespace DeployOps.Core.Tests.Support;

/// <summary>
/// A release of the fake shop with an open, prepared window in a temporary home. Each run gets ports and phases of its own, so that what one run
/// knows reaches the next one by the journal alone.
/// </summary>
internal sealed class Release : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly JournalThread thread = new();
    private readonly HttpAsker http;
    private readonly ScaledTime clock;

    private Release(string rollback, string databases, string more, string rollout, double faster)
    {
        clock = new ScaledTime(faster);
        http = new HttpAsker(clock, Shop);
        Write("deploy.ps1", "'deploys'");
        Write("edge.json", "{}");
        Write("migrations/V1__orders.sql", "CREATE TABLE orders (id INTEGER);");
        Write("migrations/U1__orders.sql", "DROP TABLE orders;");
        Write("migrations/V2__notes.sql", "CREATE TABLE notes (id INTEGER);");
        Write("migrations/U2__notes.sql", "DROP TABLE notes;");
        Write("plan.psd1", $$"""
            @{
                Service = 'shop'; Environment = 'production'; Release = '2.4.0'
                {{databases}}
                {{more}}
                Rollout = @{ Deploy = 'deploy.ps1'; DrainTimeout = '00:00:01'; HealthTimeout = '00:00:01'; Consecutive = 2
                             Router = @{ Kind = 'Yarp'; Path = 'edge.json'; Cluster = 'shop'; Uri = '{{FakeShop.Edge}}' }
                             {{rollout}} }
                Rollback = @{ {{rollback}} }
            }
            """);
    }

    public const string Database = "Databases = @( @{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source=shop.db'; Migrations = 'migrations' } )";

    public const string BlueGreen = "Strategy = 'BlueGreen'; Instances = @( @{ Name = 'blue-1'; Pool = 'blue'; Uri = 'http://127.0.0.1:8101' }, @{ Name = 'green-1'; Pool = 'green'; Uri = 'http://127.0.0.1:8102' } )";

    /// <summary>The clock of every run.</summary>
    public ScaledTime Clock => clock;

    public FakeShop Shop { get; } = new();

    public FakeDatabase ShopDatabase { get; } = new();

    /// <summary>Databases of the plan that are not the shop's, by their names.</summary>
    public Dictionary<string, FakeDatabase> OtherDatabases { get; } = new(StringComparer.Ordinal);

    /// <summary>What the metrics' pages hold.</summary>
    public IMetricSource? Metrics { get; set; }

    /// <summary>Tells of incidents, whatever source the plan names.</summary>
    public IIncidentSource Incidents { get; set; } = new FakeIncidents();

    /// <summary>The plan's channels by their names.</summary>
    public Dictionary<string, FakeChannel> Channels { get; } = new(StringComparer.Ordinal);

    /// <summary>The environment variables of every run.</summary>
    public Dictionary<string, string> Variables { get; private init; } = [];

    /// <summary>The temporary folder everything of it is in.</summary>
    public string Root => folder.File("");

    public string PlanPath => folder.File("plan.psd1");

    public string Folder => Ports().Home.Window("shop", "production", "shop-2.4.0-1");

    public string EnvironmentFolder => Ports().Home.Environment("shop", "production");

    /// <summary>Opens a window whose preparation has succeeded, unless a test wants to prepare it itself.</summary>
    public static async Task<Release> OpenAsync(string rollback = "When = 'Automatic'", string databases = "", TimeSpan? duration = null, string more = "", double faster = 10, string without = "", bool prepared = true, Dictionary<string, string>? variables = null, string rollout = BlueGreen, params (string Name, string Text)[] files)
    {
        var release = new Release(rollback, databases, more, rollout, faster) { Variables = variables ?? [] };
        if (without.Length > 0)
        {
            File.Delete(release.folder.File(without));
        }

        Array.ForEach(files, file => release.Write(file.Name, file.Text));
        var ports = release.Ports();
        var plan = WindowPlan.OnDisk(release.PlanPath, ports);
        Directory.CreateDirectory(release.Folder);
        release.Write("home/shop/production/environment.json", """{"epoch":0,"lockName":0}""");
        var kept = plan.Keep(release.Folder);
        var journal = release.Journal();
        await journal.AppendAsync(new JournalEntry(JournalKind.WindowOpened, "opened")
        {
            Phase = DeploymentPhase.Preparation,
            Detail = JournalJson.ToNode(release.Opening(plan, kept, duration ?? TimeSpan.FromHours(2))),
        });
        if (prepared)
        {
            await release.EndPhaseAsync(DeploymentPhase.Preparation, PhaseOutcome.Succeeded);
        }

        return release;
    }

    public Ports Ports()
    {
        var redactor = new Redactor();
        return new Ports
        {
            Home = new DeploymentHome(folder.File("home")),
            JournalThread = thread,
            Redactor = redactor,
            TimeProvider = clock,
            Plans = new PlanReader(new SmallSyntax(), new SecretSource(Variables.GetValueOrDefault, null), redactor, () => new DeploymentHome(folder.File("home"))),
            Adapters = new FakeAdapters(Shop, ShopDatabase, Metrics, Incidents, Channels, OtherDatabases),
            Deployer = Shop,
            Http = http,
            Operator = new OperatorIdentity("executor", "host"),
            ModuleVersion = "1.0.0",
        };
    }

    public JournalFile Journal() => new(Folder, thread, new Redactor(), clock);

    public async Task<IReadOnlyList<JournalRecord>> RecordsAsync() => await Journal().RefreshAsync();

    public async Task<WindowFacts> FactsAsync() => WindowFacts.Fold(await RecordsAsync())!;

    public async Task<DeploymentWindow> WindowAsync() => (await FactsAsync()).ToWindow(Folder);

    public string Write(string name, string content)
    {
        var path = folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Runs a phase as a cmdlet does, in a run of its own.</summary>
    public async Task<PhaseEnding<TResult>> RunAsync<TResult>(IPhase<TResult> phase, IStepReporter? reporter = null, string? deviation = null, CancellationToken cancellationToken = default)
        where TResult : PhaseResult
    {
        var runner = new PhaseRunner(Ports(), reporter ?? new SilentReporter(), deviation);
        var prepared = await runner.PrepareAsync(await WindowAsync(), phase, cancellationToken);
        return prepared.IsDone ? new PhaseEnding<TResult>(prepared.Result, null) : await runner.RunAsync(prepared, cancellationToken);
    }

    /// <summary>Goes back as a person does, in a run of its own.</summary>
    public async Task<RollbackResult> GoBackAsync(DatabaseRollback? database = null, bool acceptDataLoss = false) =>
        (await GoBackToldAsync(database, acceptDataLoss)).Result;

    /// <summary>The same, with the error a person reads.</summary>
    public async Task<PhaseEnding<RollbackResult>> GoBackToldAsync(DatabaseRollback? database = null, bool acceptDataLoss = false, IStepReporter? reporter = null, bool acceptLessCapacity = false, CancellationToken cancellationToken = default) =>
        await new RollbackStarter(Ports(), reporter ?? new SilentReporter()) { Database = database, AcceptDataLoss = acceptDataLoss, AcceptLessCapacity = acceptLessCapacity }
            .RunAsync(await WindowAsync(), "users complain", cancellationToken);

    /// <summary>Declares lost whoever holds the environment, and writes nothing of it to the journal.</summary>
    public Task DeclareLostAsync() => EnvironmentLock.DeclareLostAsync(EnvironmentFolder, EnvironmentLock.PresentEpoch(EnvironmentFolder), TimeProvider.System, CancellationToken.None);

    /// <summary>Writes that somebody asked forward motion to end.</summary>
    public Task AskToStopAsync(bool goBack = false) => Journal().AppendAsync(new JournalEntry(JournalKind.StopRequested, "the observer asks")
    {
        Detail = JournalJson.ToNode(new StopRequest("observer", "users complain", goBack)),
    });

    public async Task EndPhaseAsync(DeploymentPhase phase, PhaseOutcome outcome)
    {
        await Journal().AppendAsync(new JournalEntry(JournalKind.PhaseStarted, $"{phase} began") { Phase = phase });
        await Journal().AppendAsync(new JournalEntry(JournalKind.PhaseEnded, $"{phase} {outcome}") { Phase = phase, Detail = JournalJson.ToNode(new PhaseEnd(outcome, null)) });
    }

    /// <summary>Opens another window of the same service and environment, under an epoch of the lock where one is given, and ends its completion.</summary>
    public async Task<DeploymentWindow> OpenAnotherAsync(string id, string version, PhaseOutcome completion, long? epoch = null)
    {
        var another = Ports().Home.Window("shop", "production", id);
        Directory.CreateDirectory(another);
        var journal = new JournalFile(another, thread, new Redactor(), clock);
        await journal.AppendAsync(new JournalEntry(JournalKind.WindowOpened, "opened")
        {
            Phase = DeploymentPhase.Preparation,
            Detail = JournalJson.ToNode((await FactsAsync()).Opening with { Id = id, Release = version }),
        }, epoch);
        await journal.AppendAsync(new JournalEntry(JournalKind.PhaseStarted, "Completion began") { Phase = DeploymentPhase.Completion });
        await journal.AppendAsync(new JournalEntry(JournalKind.PhaseEnded, $"Completion {completion}") { Phase = DeploymentPhase.Completion, Detail = JournalJson.ToNode(new PhaseEnd(completion, null)) });

        return WindowFacts.Fold(await journal.RefreshAsync())!.ToWindow(another);
    }

    /// <summary>Writes the backup the preparation takes.</summary>
    public async Task BackUpAsync()
    {
        var manifest = await new BackupRunner(ShopDatabase, new SilentReporter(), clock).TakeAsync("shop", Path.Combine(Folder, "shop.db"), CancellationToken.None);
        await Journal().AppendAsync(new JournalEntry(JournalKind.Captured, "backup proven")
        {
            Phase = DeploymentPhase.Preparation,
            Target = BackupStep.CaptureName("shop"),
            Detail = JournalJson.ToNode(manifest),
        });
    }

    public void Dispose()
    {
        http.Dispose();
        thread.Dispose();
        folder.Dispose();
    }

    private WindowOpening Opening(WindowPlan plan, IReadOnlyList<KeptFile> files, TimeSpan duration) => new()
    {
        Id = "shop-2.4.0-1",
        Service = "shop",
        Environment = "production",
        Release = "2.4.0",
        PlanPath = PlanPath,
        Digest = plan.Files.Digest,
        Files = files,
        Executor = "executor",
        Lead = "release-lead",
        EndsAt = clock.GetUtcNow() + duration,
        StartedFrom = "",
        ModuleVersion = "1.0.0",
    };
}
