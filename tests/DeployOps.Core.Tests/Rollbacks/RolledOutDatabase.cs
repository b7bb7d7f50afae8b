using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Phases;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Rollbacks;

/// <summary>A shop whose release migrated its database and has the traffic.</summary>
public abstract class RolledOutDatabase : IDisposable
{
    private protected Release? Opened { get; set; }

    public void Dispose()
    {
        Opened?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static Task RehearsedAsync(Release release, string pointOfNoReturn) => release.Journal().AppendAsync(new JournalEntry(JournalKind.Captured, "rehearsed")
    {
        Phase = DeploymentPhase.Preparation,
        Target = MigrationRehearsal.CaptureName("shop"),
        Detail = JournalJson.ToNode(Rehearsed(pointOfNoReturn)),
    });

    internal static MigrationRehearsal Rehearsed(string? pointOfNoReturn) => new()
    {
        Database = "shop",
        Scripts = [.. new[] { "1", "2" }.Select(version => new ScriptRehearsal { Script = $"V{version}__a.sql", Version = version, Checksum = "", Duration = TimeSpan.FromSeconds(1) })],
        StartedAt = ScaledTime.Day,
        Duration = TimeSpan.FromSeconds(2),
        PointOfNoReturn = pointOfNoReturn,
    };

    private protected async Task<Release> RolledOutAsync(string rollback = "When = 'Automatic'", string without = "", string? rehearsal = null)
    {
        var release = Opened = await Release.OpenAsync(rollback, databases: Release.Database, without: without);
        await release.BackUpAsync();
        if (rehearsal is not null)
        {
            await RehearsedAsync(release, rehearsal);
        }

        (await release.RunAsync(new MigrationPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        (await release.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.ShopDatabase.Acts.ShouldBe(["apply V1__orders.sql", "apply V2__notes.sql"]);
        release.ShopDatabase.Acts.Clear();
        release.Shop.Forget();
        return release;
    }
}
