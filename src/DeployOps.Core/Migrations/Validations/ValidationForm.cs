namespace DeployOps.Migrations.Validations;

/// <summary>The forms of an expectation.</summary>
public enum ValidationForm
{
    /// <summary>Nothing was said: it must run, and rows it returns are a warning, since nobody judged them.</summary>
    Unstated,

    /// <summary><c>runs</c>: it must not fail, whatever it returns.</summary>
    Runs,

    /// <summary><c>no rows</c>, <c>rows 3</c>, <c>rows &gt;= 3</c>: how many rows it returns.</summary>
    Rows,

    /// <summary><c>42</c>, <c>&gt;= 1000</c>: one row whose first column is such a number.</summary>
    Number,

    /// <summary><c>same as before</c>, <c>same as before ±0.1%</c>: what it answered before the migration, the first column of its one row or the number of its rows.</summary>
    SameAsBefore,

    /// <summary><c>table orders.csv</c>: all of its rows, in order, as they are in a file beside the script.</summary>
    Table,

    /// <summary><c>true</c> or <c>false</c>: one row whose first column says so; 1 and 0 in SQLite.</summary>
    Truth,
}
