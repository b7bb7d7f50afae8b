@{
    RootModule             = 'module/bin/DeployOps.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = '5f0b6c0e-6a5b-4c61-9d6c-2f1d7a0b7f41'
    Author                 = 'DeployOps contributors'
    CompanyName            = 'DeployOps contributors'
    Copyright              = '(c) DeployOps contributors. MIT licence.'
    Description            = 'Carries a release to production the way a careful team does it: a window with roles, health and proven backups, a watched migration, a reversible rollout, smoke tests, monitoring against the hour before, and one command to go back.'
    PowerShellVersion      = '7.6'
    CompatiblePSEditions   = @('Core')
    FormatsToProcess       = @('module/DeployOps.Format.ps1xml')
    TypesToProcess         = @('module/DeployOps.Types.ps1xml')
    CmdletsToExport        = @(
        'Add-DeploymentNote'
        'Approve-DeploymentPlan'
        'Complete-DeploymentWindow'
        'Export-DeploymentCheck'
        'Export-DeploymentReport'
        'Get-DeploymentLog'
        'Get-DeploymentWindow'
        'Get-ExtendedMonitoring'
        'Import-DbMigrationHistory'
        'Invoke-DbMigration'
        'Invoke-ExtendedMonitoring'
        'Invoke-Rollback'
        'Invoke-Rollout'
        'New-DeploymentBackup'
        'Register-ExtendedMonitoring'
        'Restore-DeploymentBackup'
        'Send-DeploymentNotice'
        'Start-DeploymentWindow'
        'Stop-DeploymentWindow'
        'Test-DbMigration'
        'Test-DeploymentLog'
        'Test-DeploymentPlan'
        'Test-Smoke'
        'Unregister-ExtendedMonitoring'
        'Watch-DeploymentHealth'
    )
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    PrivateData            = @{
        PSData = @{
            Tags       = @('deployment', 'release', 'rollback', 'migration', 'blue-green', 'smoke-test', 'monitoring')
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
