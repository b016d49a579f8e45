//! What users get: the record types, how figures become records, and the folders a run writes.

mod changes;
mod evaluation;
mod explanation;
mod findings;
mod folder;
mod number;
mod records;
mod summarise;

pub use changes::{
    Cause, ChangesFile, CommentNews, EarlierSet, MovementRecord, PostNews, causes, changes_file,
    digest, judged_comment,
};
pub use evaluation::{
    CalibrationRecord, ClassEvaluation, EstimateRecord, EvaluationRecord, MisjudgedRecord,
    ReliabilityBin, ThemesEvaluation, ThreeClassEvaluation, Unused, evaluation_record,
};
pub use explanation::{ExplanationRecord, PartRecord, SubjectRecord, explanation_record};
pub use findings::{
    CleanCommentRecord, CleanPostRecord, CleaningRecord, FindingRecord, RedactionRecord,
    cleaning_record, finding_records, redaction_records,
};
pub use folder::{OutputError, OutputFolder, Pruned, RunSet, SetFile};
pub use number::{Figure, Probability, Rounded};
pub use records::{
    AnswerRecord, AttitudeFigures, Change, ChangeFigure, CommentCounts, CommentRecord, ErrorRecord,
    FigureSet, FoundFigures, Header, InputRecord, Mean, NoData, PostEntry, PostFile, PostIdentity,
    RunRecord, SECTIONS, ScoreRecord, Scoring, SentimentChange, SentimentFigures, SentimentRecord,
    Share, SummaryFile, TellingComment, TextsRecord, ThemeFigures, ThemeSetting, YearEntry,
    YearFile, schema_of,
};
pub use summarise::{Summariser, score_record};
