using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Core.Tests.Migrations.Sql;

/// <summary>What the whole process holds is measured, so nothing else runs beside these.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class MemoryCollection
{
    public const string Name = "Memory of the process";
}

[Collection(MemoryCollection.Name)]
public sealed class SqlMemoryTests
{
    [Fact]
    public void A_large_script_of_small_statements_is_read_in_constant_memory()
    {
        const int Count = 200_000;
        const string Line = "INSERT INTO orders (id, name) VALUES (1234567, 'a name; of some length');\n";
        using var script = new RepeatedReader(Line, Count);
        var statements = 0;
        var most = 0L;
        var before = GC.GetTotalMemory(forceFullCollection: true);

        foreach (var statement in SqlStatements.Read(script, SqlDialect.PostgreSql))
        {
            statements++;
            most = statements % 50_000 == 0 ? Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before) : most;
        }

        statements.ShouldBe(Count);
        most.ShouldBeLessThan(1 << 20);
    }

    [Fact]
    public void What_the_linter_keeps_of_a_large_script_of_small_statements_is_constant()
    {
        const int Count = 60_000;
        const string Line = "UPDATE orders SET name = 'a name; of some length' WHERE id = 1234567;\n";
        using var script = new RepeatedReader(Line, Count);
        var run = new LintRun();
        var context = new LintScript("V1__a.sql", SqlDialect.PostgreSql, IsUndo: false, MigrationTransaction.Tx, run);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        foreach (var statement in SqlStatements.Read(script, SqlDialect.PostgreSql).Select(statement => new LintStatement(statement, context)))
        {
            context.See(statement);
        }

        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        run.WriterOf(new SqlName(null, "orders") { Written = "orders" }).ShouldBe($"V1__a.sql:{Count}");
        kept.ShouldBeLessThan(1 << 20);
    }
}
