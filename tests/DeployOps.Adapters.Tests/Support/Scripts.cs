using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.Tests.Support;

/// <summary>Scripts as a folder has them.</summary>
internal static class Scripts
{
    /// <summary>The script <c>V{name}.sql</c>.</summary>
    internal static MigrationScript Forward(string name, string sql) => MigrationFolder.Parse([new SqlFile($"V{name}.sql", Encoding.UTF8.GetBytes(sql))]).Single();

    /// <summary>Its undo script <c>U{name}.sql</c>.</summary>
    internal static MigrationScript Undo(string name, string sql) =>
        MigrationFolder.Parse([new SqlFile($"V{name}.sql", default), new SqlFile($"U{name}.sql", Encoding.UTF8.GetBytes(sql))]).Single(script => script.IsUndo);
}
