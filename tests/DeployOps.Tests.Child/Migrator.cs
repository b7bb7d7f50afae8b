using DeployOps.Migrations;

namespace DeployOps.Tests.Child;

/// <summary>Applies what is pending of a folder to the database that it is told on the standard input; tells "applied" or the error, and waits.</summary>
internal static class Migrator
{
    internal static async Task RunAsync(string kind, string folder)
    {
        var connectionString = await Console.In.ReadLineAsync() ?? "";
        using var adapters = new Adapters.Adapters(TimeProvider.System);
        await using var database = adapters.OpenDatabase(new DatabaseSpec { Name = "shop", Kind = kind, ConnectionString = connectionString, BaseFolder = folder, Migrations = folder });
        try
        {
            var plan = await MigrationPlanner.PlanAsync(await MigrationFolder.LoadAsync(folder, CancellationToken.None), database.Migrations, CancellationToken.None);
            plan.ThrowIfRefused();
            foreach (var script in plan.Pending)
            {
                await database.Migrations.ApplyAsync(script, "child", CancellationToken.None);
            }

            Console.WriteLine("applied");
        }
        catch (DeployOpsException e)
        {
            Console.WriteLine($"{e.ErrorId}: {e.Message}");
        }

        await Console.In.ReadLineAsync();
    }
}
