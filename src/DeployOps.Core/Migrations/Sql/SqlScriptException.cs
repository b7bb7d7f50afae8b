namespace DeployOps.Migrations.Sql;

/// <summary>A script that cannot be cut into statements, with the line that shows it.</summary>
public sealed class SqlScriptException : DeployOpsException
{
    /// <summary>Makes the error of a script whose name is not known here.</summary>
    /// <param name="errorId">The id of the code path.</param>
    /// <param name="kind">What sort of fault it is.</param>
    /// <param name="line">The line, from 1.</param>
    /// <param name="what">What is wrong, without file and line.</param>
    /// <param name="nextStep">What to do about it.</param>
    public SqlScriptException(string errorId, FaultKind kind, int line, string what, string nextStep)
        : this(errorId, kind, $"Line {line}: {what}", line, what, nextStep)
    {
    }

    private SqlScriptException(string errorId, FaultKind kind, string message, int line, string what, string nextStep)
        : base(errorId, kind, message, nextStep)
    {
        Line = line;
        What = what;
    }

    /// <summary>The line of the script, from 1.</summary>
    public int Line { get; }

    /// <summary>What is wrong, without file and line.</summary>
    public string What { get; }

    /// <summary>The same error for whoever knows the file.</summary>
    public SqlScriptException In(string file) => new(ErrorId, Kind, $"{file}:{Line}: {What}", Line, What, NextStep!) { Target = file };
}
