using DeployOps.Health;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Secrets;
using DeployOps.Tests.Shared;
using DeployOps.Windows.Homes;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>Migrates a test's database by the scripts of a folder, as the cmdlet does it without a plan.</summary>
internal sealed class MariaDbMigrator : IStepReporter, IDisposable
{
    private readonly JournalThread thread = new();
    private readonly HttpAsker asker = new(TimeProvider.System);
    private readonly Adapters adapters = new(TimeProvider.System);
    private readonly MariaDbShop shop;

    internal MariaDbMigrator(MariaDbShop shop) => this.shop = shop;

    internal List<string> Warnings { get; } = [];

    internal Ports Ports => new()
    {
        Home = new DeploymentHome(shop.PathOf("home")),
        JournalThread = thread,
        Redactor = new Redactor(),
        Plans = new PlanReader(new NoPlans(), new NoPlans(), new Redactor()),
        Adapters = adapters,
        Deployer = new NoPlans(),
        Http = asker,
        Operator = new OperatorIdentity("kim", "host"),
        ModuleVersion = "1.0.0",
    };

    internal DatabaseSpec Spec => new() { Name = "shop", Kind = "MariaDb", ConnectionString = shop.ConnectionString, BaseFolder = shop.Folder, Migrations = shop.PathOf("migrations"), Validations = Directory.Exists(shop.PathOf("validations")) ? shop.PathOf("validations") : null };

    /// <summary>Puts a file into a folder beside the database: <c>migrations</c> or <c>validations</c>.</summary>
    internal MariaDbMigrator With(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(shop.PathOf(file))!);
        File.WriteAllText(shop.PathOf(file), text);
        return this;
    }

    internal Task<MigrationResult> PlanAsync() => new DatabaseMigrator(Ports, this, Spec).PlanAsync(default);

    internal Task<MigrationResult> RunAsync(bool verifyBeforeCommit = false) => new DatabaseMigrator(Ports, this, Spec) { VerifyBeforeCommit = verifyBeforeCommit }.RunAsync(default);

    public void Progress(string activity, string status, int? percent = null)
    {
        // Not of interest here.
    }

    public void Warn(string message) => Warnings.Add(message);

    public Task<bool?> AskAsync(string question, CancellationToken cancellationToken) => Task.FromResult<bool?>(null);

    public Task<bool?> ProposeAsync(string question, CancellationToken cancellationToken) => Task.FromResult<bool?>(null);

    public Task<string?> AskTextAsync(string question, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    public void Dispose()
    {
        adapters.Dispose();
        asker.Dispose();
        thread.Dispose();
    }
}
